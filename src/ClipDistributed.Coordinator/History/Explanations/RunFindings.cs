using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.History.Explanations;

/// <summary>What is known when a run is explained.</summary>
/// <param name="Run">As its watchers see it.</param>
/// <param name="Need">Null: what is stored of its job is damaged.</param>
/// <param name="WaitLimit">How long fewer replicas than it needs wait for others.</param>
/// <param name="Devices">Of all connected hosts.</param>
/// <param name="Ahead">Runs that wait for devices too and are placed before it.</param>
/// <param name="Incidents">In the order of their numbers.</param>
/// <param name="Generation">The newest; null: none was announced.</param>
/// <param name="Reshared">Its changes of shares, in the order of the steps.</param>
internal sealed record RunFindings(
    Run Run,
    RunNeed? Need,
    TimeSpan WaitLimit,
    IReadOnlyList<OfferedDevice> Devices,
    IReadOnlyList<RunNeed> Ahead,
    IReadOnlyList<Incident> Incidents,
    GenerationRow? Generation,
    IReadOnlyList<ShareRow> Reshared)
{
    /// <summary>When that was known.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Hosts and replicas that are not heard.</summary>
    public IReadOnlyList<SilentHost> Silent { get; init; } = [];

    /// <summary>How long a replica may send nothing.</summary>
    public TimeSpan Lease { get; init; }

    /// <summary>Of hosts that were lost and may come back.</summary>
    public IReadOnlyList<DeviceId> LostDevices { get; init; } = [];

    /// <summary>Devices that its owner may use together; null: as many as there are.</summary>
    public int? Quota { get; init; }

    /// <summary>Why lost hosts cannot connect again, by their names.</summary>
    public IReadOnlyDictionary<string, string> Refusals { get; init; } = new Dictionary<string, string>();

    /// <summary>To which it is on its way; null: none.</summary>
    public RollBack? RollBack { get; init; }

    /// <summary>What users have asked of it, the newest last.</summary>
    public IReadOnlyList<RunRecord> Requests { get; init; } = [];

    /// <summary>Runs that make way for it.</summary>
    public IReadOnlyList<string> Victims { get; init; } = [];
}
