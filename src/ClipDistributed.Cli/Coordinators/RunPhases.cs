using ClipDistributed.Contracts.Errors;
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

    /// <summary>How many replicas it has; of a run that has ended, how many it had.</summary>
    public static int ReplicasOf(Run run) => HasEnded(run.Phase) ? run.ReplicaCount : run.Replicas.Count;

    /// <summary>Phases by their names, as given to an option; several may stand between commas.</summary>
    /// <exception cref="BadInputException">There is no such phase.</exception>
    public static IReadOnlyList<RunPhase> Parse(string option, IEnumerable<string> given)
    {
        var known = Enum.GetValues<RunPhase>()
            .Where(phase => phase != RunPhase.Unspecified).ToDictionary(Name, StringComparer.OrdinalIgnoreCase);
        string[] names = [.. given.SelectMany(names => names.Split(',', StringSplitOptions.TrimEntries))];
        string[] errors =
        [
            .. names.Where(name => !known.ContainsKey(name)).Select(name => $"{option} is '{name}'; use {string.Join(", ", known.Keys)}."),
        ];
        return errors.Length == 0 ? [.. names.Select(name => known[name]).Distinct()] : throw new BadInputException(errors);
    }

    /// <summary>The exit code of a command that waited for the run's end.</summary>
    public static int ExitCode(RunPhase ended) => ended switch
    {
        RunPhase.Succeeded => ExitCodes.Done,
        RunPhase.Stopped => ExitCodes.Resumable,
        _ => ExitCodes.Failed,
    };
}
