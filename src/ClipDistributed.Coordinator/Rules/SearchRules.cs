using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Data.Streams;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>During a search for rows that crash the decoder no generation is formed.</summary>
internal static class SearchRules
{
    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        var (run, search) = (at.Run, at.Run.PoisonRows);
        if (run.Generation is not null || !search.IsActive)
            return [];
        if (run.IsToSave)
            return [new AbandonSearch(search.Trial)];
        if (search.Finding is var (found, failure))
            return [Conclude(run, found, failure)];
        if (search.Trial is not { } trial)
        {
            string? host = search.NextHost(run.Roster.All.Select(replica => replica.Device.Host));
            return [host is null ? new AbandonSearch(Running: null) : Start(at, host)];
        }
        if (at.Now >= trial.Until)
            return [new TimeOutTrial(trial)];
        string crashed = $"replicas crashed twice near step {search.Step}";
        string reason = $"{crashed}; its rows are decoded in a separate process on host {trial.Host}";
        return RunPolicy.SetState(run, RunState.Recovering, reason).Append(at.Poll);
    }

    private static StartTrial Start(RunSituation at, string host)
    {
        var (run, search) = (at.Run, at.Run.PoisonRows);
        var message = new LaunchReplica
        {
            ReplicaId = search.NextId,
            RunId = run.RunId,
            RunDirectory = run.RunDirectory,
            DeviceKind = DeviceKind.Cpu,
            Trial = new DecodeTrial { Step = search.Step, Rows = { search.Untried.Select(ToMessage) } },
        };
        return new StartTrial(new RowTrial(search.NextId, host, at.Now + RowTrial.Timeout), message);
    }

    private static ConcludeSearch Conclude(ActiveRun run, IReadOnlyList<SampleId> found, string failure)
    {
        string evidence = run.PoisonRows.Evidence;
        if (found.Count == 0)
        {
            string nothing = failure == ""
                ? "none of the rows near it crashes the decoder"
                : $"its rows could not be decoded, because {failure}";
            return new ConcludeSearch(found, nothing, $"Replicas crashed twice near step {run.Step + 1}, and {nothing}: {evidence}.");
        }
        string rows = string.Join(", ", found.Select(row => $"row {row.Row} of shard {row.Shard}"));
        return new ConcludeSearch(found, rows, string.Concat(
            $"{rows}: decoding crashes the process ({evidence}). ",
            "It counts as damaged from now on; another row replaces it."));
    }

    public static DatasetRow ToMessage(SampleId row) => new() { Shard = row.Shard, Row = row.Row };
}
