using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Which runs make way for which, and which are spared, of all that have not ended. Used under its pool's lock.</summary>
internal sealed class Preemptions(CoordinatorOptions options, TimeProvider time)
{
    private readonly Dictionary<string, Known> runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Known>> victims = new(StringComparer.Ordinal); // by the runs that they make way for
    private int entered;

    /// <summary>All of them, in the order in which they came; none where none is preemptible: each run that waits asks.</summary>
    public IReadOnlyList<PlacedRun> Placed => !runs.Values.Any(run => run.Need.IsPreemptible) ? [] :
    [
        .. runs.Values.OrderBy(run => run.Place)
            .Select(run => new PlacedRun(run.Need, run.IsLeaving || run.MakesWayFor is not null, Spared(run))),
    ];

    /// <summary>It waits, or has devices and goes on with them.</summary>
    public void Enter(RunNeed need)
    {
        if (runs.TryGetValue(need.RunId, out var known))
            (known.Need, known.IsLeaving) = (need, false);
        else
            runs.Add(need.RunId, new Known { Need = need, Place = ++entered });
    }

    /// <summary>What a former coordinator has stored of a run that has entered.</summary>
    /// <param name="by">The run that it makes or made way for, and that it has not computed since; null: there is none.</param>
    /// <param name="isBack">It has got devices since.</param>
    /// <param name="returnedFor">How long it has computed again since it was preempted last; null: it was not.</param>
    public void Restore(string runId, string? by, bool isBack, TimeSpan? returnedFor)
    {
        var run = runs[runId];
        (run.WasPreempted, run.IsReturning) = (by is not null && !isBack, by is not null && isBack);
        MakeWay(run, isBack ? null : by);
        if (returnedFor is { } ago)
            run.ReturnedAt = time.GetTimestamp() - (long)(ago.TotalSeconds * time.TimestampFrequency);
    }

    /// <summary>It gives its devices back, and waits for none.</summary>
    /// <param name="isPreempted">For another run; false: for good, or until a user resumes it.</param>
    public void Leave(string runId, bool isPreempted)
    {
        if (!runs.TryGetValue(runId, out var run))
            return;
        (run.IsLeaving, run.WasPreempted) = (true, isPreempted);
        if (!isPreempted)
            MakeWay(run, null);
        NoneMakesWayFor(runId);
    }

    public void Forget(string runId)
    {
        if (runs.Remove(runId, out var run))
            MakeWay(run, null);
        NoneMakesWayFor(runId);
    }

    /// <summary>Runs are to make way for another one.</summary>
    public void Ask(IEnumerable<string> asked, string by)
    {
        foreach (string victim in asked)
            MakeWay(runs[victim], by);
    }

    /// <summary>The run gets devices: those that make way for it have done so.</summary>
    public void Start(string runId)
    {
        var run = runs[runId];
        (run.IsReturning, run.WasPreempted) = (run.WasPreempted, false);
        MakeWay(run, null);
        NoneMakesWayFor(runId);
    }

    /// <summary>Its replicas compute: one that has returned is spared for a while from now on.</summary>
    public void Compute(string runId)
    {
        if (runs.TryGetValue(runId, out var run) && run.IsReturning)
            (run.IsReturning, run.ReturnedAt) = (false, time.GetTimestamp());
    }

    /// <summary>What it is to make way for; null: nothing, or it does so already.</summary>
    public RunNeed? PreemptorOf(string runId) =>
        runs[runId] is { IsLeaving: false, MakesWayFor: { } by } && runs.TryGetValue(by, out var preemptor) ? preemptor.Need : null;

    /// <returns>Null: it has not entered.</returns>
    public RunNeed? NeedOf(string runId) => runs.GetValueOrDefault(runId)?.Need;

    /// <summary>It gives its devices back.</summary>
    public bool IsLeaving(string runId) => runs.GetValueOrDefault(runId) is { IsLeaving: true };

    /// <summary>Those that make way for a run, in the order in which they came.</summary>
    public IReadOnlyList<string> VictimsOf(string runId) =>
        victims.TryGetValue(runId, out var all) ? [.. all.OrderBy(run => run.Place).Select(run => run.Need.RunId)] : [];

    /// <summary>Whether a run that waits again comes before another one that is as urgent: its place among them is that of its age.
    /// </summary>
    public bool ReturnsBefore(string runId, string other) =>
        runs.TryGetValue(runId, out var run) && run.WasPreempted && run.Place < runs[other].Place;

    private void NoneMakesWayFor(string runId)
    {
        if (victims.Remove(runId, out var all))
            all.ForEach(run => run.MakesWayFor = null);
    }

    /// <param name="by">Null: for none.</param>
    private void MakeWay(Known run, string? by)
    {
        if (run.MakesWayFor is { } before && victims[before].Remove(run) && victims[before].Count == 0)
            victims.Remove(before);
        run.MakesWayFor = by;
        if (by is not null && !victims.TryAdd(by, [run]))
            victims[by].Add(run);
    }

    private TimeSpan? Spared(Known run)
    {
        if (run.IsReturning)
            return TimeSpan.MaxValue; // until it computes
        return run.ReturnedAt is { } since && options.PreemptAgainAfter - time.GetElapsedTime(since) is var left && left > TimeSpan.Zero
            ? left
            : null;
    }

    private sealed class Known
    {
        public required RunNeed Need { get; set; }

        public required int Place { get; init; }

        public bool IsLeaving { get; set; }

        public string? MakesWayFor { get; set; }

        /// <summary>It has not been placed since.</summary>
        public bool WasPreempted { get; set; }

        /// <summary>It was placed again, and does not compute yet.</summary>
        public bool IsReturning { get; set; }

        /// <summary>A timestamp of the time provider; null: it was never preempted.</summary>
        public long? ReturnedAt { get; set; }
    }
}
