using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// Whose devices a waiting run takes where too few are free: those of preemptible runs of strictly lower priority. No run is asked where
/// ones of lower priority suffice; of those the fewest are, the ones that came last first. Pure.
/// </summary>
internal static class PreemptionPolicy
{
    /// <param name="ahead">Runs that come first and wait too, in their order.</param>
    /// <param name="devices">Of all connected hosts, the ones in use included.</param>
    /// <param name="placed">All runs that have not ended, in the order in which they came.</param>
    public static Preemption Decide(
        QueuedRun run, IReadOnlyList<QueuedRun> ahead, IReadOnlyList<OfferedDevice> devices, IReadOnlyList<PlacedRun> placed)
    {
        var counts = DeviceCounts.Of(devices);
        if (!counts.CanEverRun(run.Need) || !placed.Any(other => MayGive(other, run.Need)))
            return Preemption.None;
        var room = new PreemptionRoom(devices, placed);
        foreach (var other in ahead.Where(other => other.HoldsUp && counts.CanEverRun(other.Need)))
        {
            // One that comes first takes what becomes free, and preempts itself where it can.
            if (!room.TryTake(other.Need) && (other.IsHeldFor || Find(other, room, placed) is not null))
                return Preemption.None;
        }
        if (room.Has(run))
            return Preemption.None;
        if (Find(run, room, placed) is { } victims)
            return new Preemption([.. victims.Select(victim => victim.Need.RunId)]);
        return new Preemption([], placed.Where(other => MayGive(other, run.Need) && other.SparedFor < TimeSpan.MaxValue)
            .Min(other => other.SparedFor));
    }

    private static bool MayGive(PlacedRun other, RunNeed need) =>
        other is { Need.IsPreemptible: true, IsLeaving: false } && other.Need.Priority < need.Priority;

    /// <returns>Null: not even all of them suffice.</returns>
    private static IReadOnlyList<PlacedRun>? Find(QueuedRun run, PreemptionRoom room, IReadOnlyList<PlacedRun> placed)
    {
        var candidates = placed.Where(other => other.SparedFor is null && MayGive(other, run.Need)).ToList();
        // Where its owner may use too few, its owner's own runs alone help.
        var own = candidates.Where(other => other.Need.Owner == run.Need.Owner);
        if (Choose(own, room.CountOf, room.MissingQuota(run)) is not { } forQuota)
            return null;
        foreach (var kind in (DeviceKind[])[DeviceKind.Cuda, DeviceKind.Cpu])
        {
            int missing = room.Missing(run.Need, kind) - forQuota.Sum(other => room.CountOf(other, kind));
            if (room.CanHold(run.Need, kind)
                && Choose(candidates.Except(forQuota), other => room.CountOf(other, kind), missing) is { } forRoom)
                return [.. forQuota, .. forRoom];
        }
        return null;
    }

    /// <param name="missing">Devices that are needed.</param>
    /// <returns>Null: all of them have fewer.</returns>
    private static IReadOnlyList<PlacedRun>? Choose(IEnumerable<PlacedRun> candidates, Func<PlacedRun, int> count, int missing)
    {
        var able = new List<(PlacedRun Run, int Devices)>();
        foreach (var equals in candidates.Where(run => count(run) > 0).GroupBy(run => run.Need.Priority).OrderBy(run => run.Key))
        {
            if (able.Sum(one => one.Devices) >= missing)
                break;
            able.AddRange(equals.Reverse().Select(run => (run, count(run))));
        }
        if (able.Sum(one => one.Devices) < missing)
            return null;
        var chosen = new List<PlacedRun>();
        for (int others = Fewest(able, missing) - 1; missing > 0; others--)
        {
            var next = able.First(one => one.Devices + Largest(able.Where(other => other != one), others) >= missing);
            able.Remove(next);
            chosen.Add(next.Run);
            missing -= next.Devices;
        }
        return chosen;
    }

    private static int Fewest(List<(PlacedRun Run, int Devices)> able, int missing) =>
        Enumerable.Range(0, able.Count + 1).First(runs => Largest(able, runs) >= missing);

    /// <summary>The devices of so many runs at most.</summary>
    private static int Largest(IEnumerable<(PlacedRun Run, int Devices)> able, int runs) =>
        able.Select(one => one.Devices).OrderDescending().Take(runs).Sum();
}
