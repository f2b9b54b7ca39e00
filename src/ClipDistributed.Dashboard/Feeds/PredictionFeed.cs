using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Dashboard.Calls;
using Grpc.Core;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>Reads the predictions of a run: each of its files once.</summary>
internal sealed class PredictionFeed(ControlCalls calls, Run run)
{
    private const string Folder = RunDirectory.PredictionFolder + "/", SetName = Folder + "probe.json";

    private readonly Dictionary<string, (DateTime Written, ProbeResult? Result)> known = new(StringComparer.Ordinal);
    private (DateTime Written, ProbeSet? Set) set;
    private TrainingSpec? spec;

    public async Task<PredictionList> ReadAsync(CancellationToken cancel)
    {
        var history = await calls.HistoryAsync();
        var request = new ListArtefactsRequest { RunId = run.RunId, Prefix = Folder, PageSize = 1_000 };
        var files = (await history.ListArtefactsAsync(request, cancellationToken: cancel)).Artefacts;
        foreach (var file in files)
            await ReadAsync(history, file, cancel);
        foreach (string gone in known.Keys.Except(files.Select(file => file.Name)).ToList())
            known.Remove(gone);
        spec ??= (await (await calls.ControlAsync()).GetJobAsync(
            new GetJobRequest { JobId = run.JobId }, cancellationToken: cancel)).Job.Spec;
        var results = known.Values.Select(one => one.Result).OfType<ProbeResult>();
        var fitting = results.Where(one => set.Set is { } shown && one.Fits(shown)).OrderBy(one => one.Step);
        return new PredictionList(set.Set, [.. fitting], spec ?? new TrainingSpec());
    }

    private async Task ReadAsync(HistoryService.HistoryServiceClient history, Artefact file, CancellationToken cancel)
    {
        var written = file.Modified.ToDateTime();
        if (file.Name == SetName)
        {
            if (set.Written != written)
                set = (written, ProbeSet.TryParse(await ReadAsync(history, file.Name, ProbeSet.MaxBytes, cancel)));
        }
        else if (!known.TryGetValue(file.Name, out var one) || one.Written != written)
        {
            known[file.Name] = (written, ProbeResult.TryParse(await ReadAsync(history, file.Name, ProbeResult.MaxBytes, cancel)));
        }
    }

    /// <returns>Empty: it is larger than such a file, or gone by now.</returns>
    private async Task<byte[]> ReadAsync(HistoryService.HistoryServiceClient history, string name, int most, CancellationToken cancel)
    {
        using var content = new MemoryStream();
        try
        {
            using var call = history.ReadArtefact(new ReadArtefactRequest { RunId = run.RunId, Name = name }, cancellationToken: cancel);
            await foreach (var piece in call.ResponseStream.ReadAllAsync(cancel))
            {
                if (piece.TotalBytes > most || content.Length + piece.Data.Length > most)
                    return [];
                content.Write(piece.Data.Span);
            }
        }
        catch (RpcException gone) when (gone.StatusCode == StatusCode.NotFound)
        {
            return []; // thinned out meanwhile
        }
        return content.ToArray();
    }
}
