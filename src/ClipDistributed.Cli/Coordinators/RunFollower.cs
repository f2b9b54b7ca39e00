using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>Follows a run of a coordinator to its end.</summary>
internal sealed class RunFollower(CoordinatorClient coordinator, string runId)
{
    private InputRefused? refused;

    /// <summary>The newest state that was seen.</summary>
    public Run? Run { get; private set; }

    /// <param name="show">Receives every message of the run.</param>
    /// <param name="changed">Receives every new state and reason.</param>
    /// <returns>The run as it ended.</returns>
    /// <exception cref="BadInputException">There is no such run, or its replicas refused the input.</exception>
    /// <exception cref="CoordinatorException">The coordinator is gone.</exception>
    public async Task<Run> FollowAsync(Action<RunRecord> show, Action<Run> changed, CancellationToken cancel = default)
    {
        await foreach (var news in coordinator.WatchAsync(runId, cancel))
        {
            if (news.Record is { RecordCase: not RunRecord.RecordOneofCase.None } record) // a newer coordinator may know more kinds
            {
                refused = record.Refused ?? refused;
                show(record);
            }
            if (news.Run is { } run)
            {
                if (run.State != Run?.State || run.Reason != Run.Reason)
                    changed(run);
                Run = run;
            }
        }
        // Asked again: what the stream said last may be older than its end.
        Run = (await coordinator.AskAsync(control => control.GetRunAsync(new() { RunId = runId }), cancel)).Run;
        if (Run.State == RunState.Failed && refused is not null)
            throw new BadInputException(refused.Errors);
        if (!Run.State.HasEnded())
            throw new CoordinatorException(
                $"the coordinator ended the watch of {runId}, which is {RunStates.Name(Run.State)}; clipd run watch {runId} looks again",
                ExitCodes.Unavailable
            );
        return Run;
    }
}
