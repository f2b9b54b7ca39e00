using ClipDistributed.Coordinator.Members;
using System.Globalization;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Stragglers: shares follow the speed of the replicas.</summary>
internal sealed partial class RunLoop
{
    private const int StepsBetweenLooks = 8, MostStepsBetweenLooks = 4096;

    private long looksAgainAt; // step
    private int stepsBetweenLooks = StepsBetweenLooks; // twice as many after each change, so that noise cannot make many

    /// <summary>Steps that are assigned stay as they are; the change is durable before anybody hears of it. Where it reaches some and not others, they see that before they exchange embeddings and give the step up.</summary>
    private async Task RebalanceAsync(Generation current)
    {
        if (current.Applied < looksAgainAt)
            return;
        looksAgainAt = current.Applied + stepsBetweenLooks;
        // Who does not hear of a change goes on with the last shares that it knows.
        if (current.WentAlone || !current.Members.All(member => member.IsLinked))
            return;
        long first = current.Unassigned;
        if (work.RebalanceAbove == 0 || current.IsRegrouping || Row.Wish != RunPhase.Unspecified || first > Row.Steps || current.Members.Any(member => member.Seat.Busy is null))
            return;
        var shares = current.Assignments.At(current.Applied);
        BusyTimes[] times = [.. current.Members.Select(member => member.Seat.Busy!.Value)];
        double[] busy = [.. times.Select(time => time.Median)];
        bool isClear = times.MaxBy(time => time.Median).Low > times.MinBy(time => time.Median).High;
        if (!isClear || ShareBalance.Improve(shares, busy, work.ShareUnit, work.RebalanceAbove) is not { } better)
            return;
        stepsBetweenLooks = Math.Min(2 * stepsBetweenLooks, MostStepsBetweenLooks);
        looksAgainAt = first + stepsBetweenLooks;
        var slowest = current.Members[Array.IndexOf(busy, busy.Max())];
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{slowest.Described} computes {busy.Max():0.00} s a step, the others {busy.Order().ElementAt((busy.Length - 1) / 2):0.00} s: from step {first} on the shares are {better} rows instead of {shares}.");
        current.Reshare(first, better);
        journal.News.Reshared.Add(new ShareRow { RunId = Row.RunId, Generation = current.Number, FirstStep = first, Shares = Write(better) });
        journal.Add(RunRecords.ToStruct(new RunNotice(current.Applied, text)));
        await SaveAsync();
        LogShares(Row.RunId, text);
    }

    private static string Write(Shares shares) => string.Join('\n', shares.Rows);

    private static Shares ReadShares(string written) => new([.. written.Split('\n').Select(rows => int.Parse(rows, CultureInfo.InvariantCulture))]);
}
