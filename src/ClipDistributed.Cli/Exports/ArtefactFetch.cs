using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Exports;

/// <summary>Files of a run, fetched from its coordinator.</summary>
internal static class ArtefactFetch
{
    /// <summary>Run.json, spec and metrics, into an empty folder.</summary>
    /// <exception cref="BadInputException">There is no such run, or it has no such files yet.</exception>
    public static async Task<RunDirectory> RunAsync(CoordinatorClient client, string runId, string folder, CancellationToken cancel)
    {
        var directory = new RunDirectory(folder);
        foreach (string path in (string[])[directory.Info, directory.Spec, directory.Metrics])
            await RunAsync(client, new ReadArtefactRequest { RunId = runId, Name = Path.GetFileName(path) }, path, cancel);
        return directory;
    }

    /// <summary>The file gets its name when it is whole.</summary>
    /// <param name="request">Its offset grows to where a broken stream goes on.</param>
    /// <exception cref="CoordinatorException">The coordinator cannot be reached, or the file was cut meanwhile.</exception>
    public static async Task RunAsync(CoordinatorClient client, ReadArtefactRequest request, string into, CancellationToken cancel)
    {
        FileStream? file = null;
        string temporary = GuardedFile.TemporaryName(into);
        using var pending = PendingOutput.Create(temporary, () => file = GuardedFile.CreateNew(temporary));
        await using (file)
        {
            long total = 0;
            var pieces = client.ReadHistoryAsync(history => history.ReadArtefact(request, cancellationToken: cancel), cancel);
            await foreach (var piece in pieces)
            {
                await file!.WriteAsync(piece.Data.Memory, cancel);
                (request.Offset, total) = (piece.Offset + piece.Data.Length, piece.TotalBytes);
            }
            if (request.Offset < total)
                throw new CoordinatorException(
                    $"{request.Name} was cut to {request.Offset} of {Counted.Plain(total, "byte")} while it was read; fetch it again",
                    ExitCodes.Failed);
        }
        File.Move(temporary, into, overwrite: false);
    }
}
