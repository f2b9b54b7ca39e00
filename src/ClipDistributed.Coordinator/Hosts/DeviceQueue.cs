using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// The runs that wait for devices: by their priority, then in the order of submission. One for which there is room may start before
/// those ahead of it for which there is none yet, so often and so long; then devices are held for them. Used under its pool's lock.
/// </summary>
internal sealed class DeviceQueue(CoordinatorOptions options, TimeProvider time)
{
    private readonly List<WaitingRun> runs = [];
    private readonly OwnerQuotas quotas = new(options.QuotaDevices);

    public Preemptions Preemptions { get; } = new(options, time);

    /// <summary>One that is in the queue keeps its place, and what it needs may have changed.</summary>
    /// <param name="waits">For devices; false: it has some, which count for its owner.</param>
    public void Enter(RunNeed need, bool waits)
    {
        quotas.Enter(need);
        Preemptions.Enter(need);
        if (!waits)
            return;
        if (runs.Find(run => run.Need.RunId == need.RunId) is { } known)
            known.Need = need;
        else
            runs.Insert(PlaceFor(need), new WaitingRun(need));
    }

    /// <summary>It is to be paused or ends: it waits no longer, but the devices that it still has count for its owner.</summary>
    /// <param name="isPreempted">It is paused for another run: it has its place again at once, so that none after it gets what it gives
    /// back, and takes it when it has left.</param>
    /// <returns>False: it was not there, or stays there.</returns>
    public bool Leave(string runId, bool isPreempted)
    {
        Preemptions.Leave(runId, isPreempted);
        if (!isPreempted)
            return Remove(runId);
        if (PlaceOf(runId) < 0 && Preemptions.NeedOf(runId) is { } need)
            runs.Insert(PlaceFor(need), new WaitingRun(need));
        return false;
    }

    /// <summary>It has ended, or another coordinator leads it.</summary>
    /// <returns>False: it was not there.</returns>
    public bool Forget(string runId)
    {
        quotas.Forget(runId);
        Preemptions.Forget(runId);
        return Remove(runId);
    }

    /// <summary>What the runs need that are placed before this one; none where it does not wait, or its owner may use too few.</summary>
    /// <remarks>Without those whose own owner may use too few: they hold up no other.</remarks>
    /// <inheritdoc cref="Place"/>
    public IReadOnlyList<RunNeed> AheadOf(string runId, IEnumerable<string> users)
    {
        int place = PlaceOf(runId);
        var left = quotas.Left(users, Preemptions.IsLeaving);
        if (place < 0 || !Now(runs[place], left).IsAllowed)
            return [];
        return [.. Ahead(place, left).Where(run => run.HoldsUp).Select(run => run.Need)];
    }

    /// <param name="devices">Of all connected hosts, the ones in use included.</param>
    /// <param name="users">The run of each device that is taken, there and on lost hosts.</param>
    /// <returns>Whether it can start, which <see cref="Start"/> then notes.</returns>
    public Placement Place(string runId, IReadOnlyList<OfferedDevice> devices, IEnumerable<string> users)
    {
        int place = PlaceOf(runId);
        var run = runs[place];
        var left = quotas.Left(users, Preemptions.IsLeaving);
        TimeSpan? enoughFor = run.EnoughSince is { } since ? time.GetElapsedTime(since) : null;
        var (now, ahead) = (Now(run, left), Ahead(place, left));
        var decision = PlacementPolicy.Decide(now, devices, ahead, enoughFor, options.JoinWindow);
        run.EnoughSince = decision is Placement.Wait { AskAgainIn: not null } ? run.EnoughSince ?? time.GetTimestamp() : null;
        return decision is Placement.Wait { AskAgainIn: null } wait
            ? Preempt(run, wait, PreemptionPolicy.Decide(now, ahead, devices, Preemptions.Placed))
            : decision;
    }

    /// <summary>Asks others to make way for a run, once it has found too few free devices for a while.</summary>
    private Placement.Wait Preempt(WaitingRun run, Placement.Wait wait, Preemption preemption)
    {
        bool isShort = preemption.Victims.Count > 0;
        run.ShortSince = isShort ? run.ShortSince ?? time.GetTimestamp() : null;
        if (isShort && options.PreemptAfter - time.GetElapsedTime(run.ShortSince!.Value) is var left && left > TimeSpan.Zero)
            return wait with { AskAgainIn = left };
        Preemptions.Ask(preemption.Victims, run.Need.RunId);
        var victims = Preemptions.VictimsOf(run.Need.RunId);
        string makeWay = $"; {string.Join(", ", victims)} {(victims.Count == 1 ? "makes" : "make")} way for it";
        return new Placement.Wait($"{wait.Reason}{(victims.Count == 0 ? "" : makeWay)}", preemption.AskAgainIn, IsPreempting: isShort);
    }

    /// <summary>It leaves the queue.</summary>
    /// <inheritdoc cref="Place"/>
    public void Start(string runId, IReadOnlyList<OfferedDevice> devices, IEnumerable<string> users)
    {
        int place = PlaceOf(runId);
        var counts = DeviceCounts.Of(devices);
        var left = quotas.Left(users, Preemptions.IsLeaving);
        foreach (var overtaken in runs.Take(place).Where(run => Now(run, left).IsAllowed && counts.CanEverRun(run.Need)))
            overtaken.OnOvertaken(time);
        runs.RemoveAt(place);
        Preemptions.Start(runId);
    }

    /// <summary>How a run would be placed that enters now, and has waited for as many devices as it may use.</summary>
    public Placement Foresee(RunNeed need, IReadOnlyList<OfferedDevice> devices, IEnumerable<string> users)
    {
        var left = quotas.Left(users, Preemptions.IsLeaving);
        var run = new QueuedRun(need, Quota: left(need));
        var ahead = Ahead(PlaceFor(need), left);
        var decision = PlacementPolicy.Decide(run, devices, ahead, options.JoinWindow, options.JoinWindow);
        return decision is Placement.Wait
            && PreemptionPolicy.Decide(run, ahead, devices, Preemptions.Placed) is { Victims: { Count: > 0 } victims }
                ? decision with { Reason = $"{decision.Reason}; it would have {string.Join(", ", victims)} make way" }
                : decision;
    }

    /// <summary>How many further devices a run that computes gets: up to its minimum alone while they are held for another one.</summary>
    /// <param name="count">That it has fewer than its maximum.</param>
    /// <inheritdoc cref="Place"/>
    public int Bounded(RunNeed need, int count, IReadOnlyList<OfferedDevice> devices, IEnumerable<string> users)
    {
        var counts = DeviceCounts.Of(devices);
        var left = quotas.Left(users, Preemptions.IsLeaving);
        bool isHolding = Ahead(runs.Count, left).Exists(run => run.IsHeldFor && run.HoldsUp && counts.CanEverRun(run.Need));
        int wanted = isHolding ? need.Min - (need.Max - count) : count;
        return Math.Max(0, Math.Min(wanted, left(need)));
    }

    private bool HasDevices(string victim) => PlaceOf(victim) < 0 || Preemptions.IsLeaving(victim);

    private int PlaceOf(string runId) => runs.FindIndex(run => run.Need.RunId == runId);

    /// <summary>After those that are as urgent; one that was preempted comes back to the place of its age.</summary>
    private int PlaceFor(RunNeed need)
    {
        int place = runs.FindIndex(run => run.Need.Priority < need.Priority
            || run.Need.Priority == need.Priority && Preemptions.ReturnsBefore(need.RunId, run.Need.RunId));
        return place < 0 ? runs.Count : place;
    }

    private bool Remove(string runId) => runs.RemoveAll(run => run.Need.RunId == runId) > 0;

    private List<QueuedRun> Ahead(int place, Func<RunNeed, int> left) => [.. runs.Take(place).Select(run => Now(run, left))];

    private QueuedRun Now(WaitingRun run, Func<RunNeed, int> left)
    {
        var victims = Preemptions.VictimsOf(run.Need.RunId);
        return run.Now(options, time, left(run.Need), victims, awaitsVictims: victims.Any(HasDevices));
    }
}
