using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Commands;

/// <summary>A run as commands are given it: its directory, or the id that a coordinator knows it by.</summary>
internal static class RunArgument
{
    /// <summary>The directory; null: it is an id. What is there, or has a slash, is no id, and no coordinator is asked about it.</summary>
    /// <exception cref="BadInputException">It is a path, but of no directory.</exception>
    public static RunDirectory? Directory(string run)
    {
        var kind = FileKinds.Of(run);
        if (kind == FileKind.Folder)
            return new RunDirectory(Path.GetFullPath(run));
        return kind == FileKind.Missing && !run.Contains('/', StringComparison.Ordinal) && run != ""
            ? null
            : throw new BadInputException(
                $"{(run == "" ? "run" : Path.GetFullPath(run))} {(run == "" ? "is empty" : kind.Words())}; give a run's directory or its id.");
    }
}
