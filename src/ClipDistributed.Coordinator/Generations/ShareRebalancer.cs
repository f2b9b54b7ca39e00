using System.Globalization;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>Stragglers: shares follow the speed of the replicas. Belongs to the run's loop.</summary>
/// <param name="unit">Rows of the global batch that one replica computes together.</param>
/// <param name="threshold">The part of a step that other shares must gain; 0: they stay even.</param>
internal sealed class ShareRebalancer(int unit, double threshold)
{
    private const int MinSteps = 8, MaxSteps = 4096;

    private long nextReview; // step
    private int stepsBetween = MinSteps; // twice as many after each change, so that noise cannot make many

    /// <summary>A generation begins with even shares.</summary>
    public void Restart(long startStep) => (nextReview, stepsBetween) = (startStep, MinSteps);

    /// <param name="applied">The last step that all members of the generation applied.</param>
    public bool IsDue(long applied) => applied >= nextReview;

    /// <summary>Steps that are assigned stay as they are.</summary>
    /// <param name="lastStep">Of the run.</param>
    /// <returns>Null: the shares stay as they are.</returns>
    public ShareChange? Review(Generation current, long lastStep)
    {
        // A member that does not receive a change would run ahead with its last shares.
        if (current.MayRunAhead || !current.Members.All(member => member.IsLinked))
            return null;
        long first = current.Unassigned;
        if (threshold == 0 || current.IsRegrouping || first > lastStep || current.Members.Any(member => member.Seat.Busy is null))
            return null;
        var shares = current.Assignments.At(current.Applied);
        BusyTimes[] all = [.. current.Members.Select(member => member.Seat.Busy!.Value)];
        double[] busy = [.. all.Select(time => time.Median)];
        bool isClear = all.MaxBy(time => time.Median).Low > all.MinBy(time => time.Median).High;
        if (!isClear || ShareBalance.Improve(shares, busy, unit, threshold) is not { } better)
            return null;
        var slowest = current.Members[Array.IndexOf(busy, busy.Max())];
        double others = busy.Order().ElementAt((busy.Length - 1) / 2);
        string times = string.Create(CultureInfo.InvariantCulture, $"{busy.Max():0.00} s a step, the others {others:0.00} s");
        return new ShareChange(
            first, better, $"{slowest.Described} computes {times}: from step {first} on the shares are {better} rows instead of {shares}.");
    }

    public void OnReviewed(long applied, ShareChange? change)
    {
        if (change is null)
        {
            nextReview = applied + stepsBetween;
            return;
        }
        stepsBetween = Math.Min(2 * stepsBetween, MaxSteps);
        nextReview = change.First + stepsBetween;
    }
}

/// <summary>Other shares from a step on.</summary>
/// <param name="Reason">Human-readable.</param>
internal sealed record ShareChange(long First, Shares Shares, string Reason);
