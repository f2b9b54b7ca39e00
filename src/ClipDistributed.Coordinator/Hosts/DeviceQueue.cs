using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// The runs that wait for devices: by their priority, then in the order of submission. One for which there is room may start before
/// those ahead of it for which there is none yet, so often and so long; then devices are held for them. Used under its pool's lock.
/// </summary>
internal sealed class DeviceQueue(CoordinatorOptions options, TimeProvider time)
{
    private readonly List<WaitingRun> runs = [];

    /// <summary>One that is in the queue keeps its place, and what it needs may have changed.</summary>
    public void Enter(RunNeed need)
    {
        if (runs.Find(run => run.Need.RunId == need.RunId) is { } known)
            known.Need = need;
        else
            runs.Insert(PlaceFor(need), new WaitingRun(need));
    }

    /// <summary>It has ended, is paused, or another coordinator leads it.</summary>
    /// <returns>False: it was not there.</returns>
    public bool Forget(string runId) => runs.RemoveAll(run => run.Need.RunId == runId) > 0;

    /// <param name="devices">Of all connected hosts, the ones in use included.</param>
    /// <returns>Whether it can start, which <see cref="Start"/> then notes.</returns>
    public Placement Place(string runId, IReadOnlyList<OfferedDevice> devices)
    {
        var run = runs[PlaceOf(runId)];
        TimeSpan? enoughFor = run.EnoughSince is { } since ? time.GetElapsedTime(since) : null;
        var decision = PlacementPolicy.Decide(Now(run), devices, Ahead(PlaceOf(runId)), enoughFor, options.JoinWindow);
        run.EnoughSince = decision is Placement.Wait { AskAgainIn: not null } ? run.EnoughSince ?? time.GetTimestamp() : null;
        return decision;
    }

    /// <summary>It leaves the queue.</summary>
    /// <param name="devices">Before it got some of them.</param>
    public void Start(string runId, IReadOnlyList<OfferedDevice> devices)
    {
        int place = PlaceOf(runId);
        var counts = DeviceCounts.Of(devices);
        foreach (var overtaken in runs.Take(place).Where(run => counts.CanEverRun(run.Need)))
            overtaken.OnOvertaken(time);
        runs.RemoveAt(place);
    }

    /// <summary>How a run would be placed that enters now, and has waited for as many devices as it may use.</summary>
    public Placement Foresee(RunNeed need, IReadOnlyList<OfferedDevice> devices) =>
        PlacementPolicy.Decide(new QueuedRun(need), devices, Ahead(PlaceFor(need)), options.JoinWindow, options.JoinWindow);

    /// <summary>What becomes free is held for a run that waits.</summary>
    public bool IsHolding(IReadOnlyList<OfferedDevice> devices)
    {
        var counts = DeviceCounts.Of(devices);
        return runs.Exists(run => Now(run).IsHeldFor && counts.CanEverRun(run.Need));
    }

    private int PlaceOf(string runId) => runs.FindIndex(run => run.Need.RunId == runId);

    /// <summary>After those that are as urgent.</summary>
    private int PlaceFor(RunNeed need)
    {
        int place = runs.FindIndex(run => run.Need.Priority < need.Priority);
        return place < 0 ? runs.Count : place;
    }

    private List<QueuedRun> Ahead(int place) => [.. runs.Take(place).Select(Now)];

    private QueuedRun Now(WaitingRun run) => run.Now(options, time);
}
