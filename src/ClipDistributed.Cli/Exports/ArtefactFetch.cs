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
    /// <summary>Run.json, spec and metrics.</summary>
    /// <param name="into">Has them for as long as they are read.</param>
    /// <exception cref="BadInputException">There is no such run, or it has no such files yet.</exception>
    public static async Task<ExportedFiles> RunAsync(
        CoordinatorClient client, string runId, NamelessFiles into, CancellationToken cancel)
    {
        var names = new RunDirectory("");
        return new ExportedFiles(await FetchAsync(names.Info), await FetchAsync(names.Spec), await FetchAsync(names.Metrics));

        async Task<string> FetchAsync(string name)
        {
            var file = into.Create();
            await ReadAsync(client, new ReadArtefactRequest { RunId = runId, Name = name }, file, cancel);
            await file.FlushAsync(cancel);
            return NamelessFiles.PathOf(file);
        }
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
            await ReadAsync(client, request, file!, cancel);
        File.Move(temporary, into, overwrite: false);
    }
    private static async Task ReadAsync(CoordinatorClient client, ReadArtefactRequest request, FileStream into, CancellationToken cancel)
    {
        long total = 0;
        await foreach (var piece in client.ReadHistoryAsync(history => history.ReadArtefact(request, cancellationToken: cancel), cancel))
        {
            await into.WriteAsync(piece.Data.Memory, cancel);
            (request.Offset, total) = (piece.Offset + piece.Data.Length, piece.TotalBytes);
        }
        if (request.Offset < total)
            throw new CoordinatorException(
                $"{request.Name} was cut to {request.Offset} of {Counted.Plain(total, "byte")} while it was read; fetch it again",
                ExitCodes.Failed);
    }
}
