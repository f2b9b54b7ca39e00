using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Commands;

/// <summary>A run as commands are given it: its directory, or the id that a coordinator knows it by.</summary>
internal static class RunArgument
{
    /// <summary>The directory; null: it is an id. What exists or has a slash is a directory; no coordinator is asked for it.</summary>
    /// <exception cref="BadInputException">It is a path, but of no directory.</exception>
    public static RunDirectory? Directory(string run)
    {
        var kind = FileKinds.Of(run);
        if (kind == FileKind.Folder)
            return new RunDirectory(Path.GetFullPath(run));
        return kind == FileKind.Missing && !run.Contains('/', StringComparison.Ordinal) && run != ""
            ? null
            : throw new BadInputException(
                $"{(run == "" ? "run" : Path.GetFullPath(run))} {(run == "" ? "is empty" : kind.Words())}; give a run's directory "
                    + $"or its id."
            );
    }

    /// <summary>The directory itself, or what a coordinator says of a run's id.</summary>
    /// <exception cref="BadInputException">There is neither.</exception>
    public static async Task<RunDirectory> FindAsync(string run, Func<CoordinatorClient> connect, CancellationToken cancel)
    {
        if (Directory(run) is { } directory)
            return directory;
        using var client = connect();
        try
        {
            var answer = await client.AskAsync(control => control.GetRunAsync(new GetRunRequest { RunId = run }), cancel);
            return new RunDirectory(answer.Run.RunDirectory);
        }
        catch (BadInputException refused) when (refused.Message.StartsWith("there is no run ", StringComparison.Ordinal))
        {
            throw new BadInputException(refused.Message.Contains("which is a job", StringComparison.Ordinal)
                ? $"there is no folder {run}, and {refused.Message}"
                : $"there is no folder {run} and no run of that name; clipd run list shows all.");
        }
        catch (CoordinatorException absent)
        {
            throw new CoordinatorException(
                $"there is no folder {run}, and no coordinator to ask for a run of that name: {absent.Message}",
                absent.ExitCode
            );
        }
    }
}
