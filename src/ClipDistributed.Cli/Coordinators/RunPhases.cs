using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>What a run's phase is called and means to a command.</summary>
internal static class RunPhases
{
    /// <summary>As in <c>pending</c>.</summary>
    public static string Name(RunPhase phase) => phase.ToString().ToLowerInvariant();

    /// <summary>As in <c>pending: 1 of 2 devices is free</c>.</summary>
    public static string Describe(Run run) => run.Reason == "" ? Name(run.Phase) : $"{Name(run.Phase)}: {run.Reason}";

    public static bool HasEnded(RunPhase phase) => phase is RunPhase.Stopped or RunPhase.Succeeded or RunPhase.Failed or RunPhase.Cancelled;

    /// <summary>The exit code of a command that waited for the run's end.</summary>
    public static int ExitCode(RunPhase ended) => ended switch
    {
        RunPhase.Succeeded => ExitCodes.Done,
        RunPhase.Stopped => ExitCodes.Resumable,
        _ => ExitCodes.Failed,
    };
}
