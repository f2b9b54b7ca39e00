using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>The name of a run's state, its exit code, and how it is shown.</summary>
internal static class RunStates
{
    /// <summary>As in <c>pending</c>.</summary>
    public static string Name(RunState state) => StateNames<RunState>.Of(state);

    /// <summary>As in <c>pending: 1 of 2 devices is free</c>.</summary>
    public static string Describe(Run run) => run.Reason == "" ? Name(run.State) : $"{Name(run.State)}: {run.Reason}";

    /// <summary>How many replicas it has, in a list; a dash of a run that has ended: it has none.</summary>
    public static string ReplicasOf(Run run) => run.State.HasEnded() ? "-" : $"{run.Replicas.Count}";

    /// <summary>The exit code of a command that waited for the run's end.</summary>
    public static int ExitCode(RunState ended) => ended switch
    {
        RunState.Succeeded => ExitCodes.Done,
        RunState.Stopped => ExitCodes.Resumable,
        _ => ExitCodes.Failed,
    };

    /// <summary>A state with a reason is shown; the others can be seen in what the run reports.</summary>
    public static void Show(Run run, Action<RunRecord> show)
    {
        if (run.Reason != "" && !run.State.HasEnded())
            show(NoticeRecord.Of(run.Step, Describe(run)));
    }
}
