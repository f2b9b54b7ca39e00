using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.History;

namespace ClipDistributed.Dashboard.Tests.History;

public sealed class OrderLedgerTests
{
    [Fact]
    public void Prove_AttemptThatRepeatsSteps_ComparesThemAndCountsEachOnce()
    {
        var ledger = Ledger([Started(1, 0), .. Steps(1, 10), Started(2, 6), .. Steps(7, 12)]);
        var proof = ledger.Prove();
        Assert.Equal((12, 0), (proof.Steps, proof.Missing));
        Assert.Equal(new AttemptPair(1, 2, 7, 10, 4), Assert.Single(proof.Repeated));
        Assert.True(proof.Repeated[0].IsEqual);

        var straight = Ledger([Started(1, 0), .. Steps(1, 12)]).Prove();
        Assert.Equal((straight.Plan, straight.Content), (proof.Plan, proof.Content));
        Assert.Empty(straight.Repeated);
    }

    [Fact]
    public void Prove_StepsThatHeldOtherRows_NamesTheFirst()
    {
        var other = Steps(7, 9).ToList();
        other[1].Step.PlanDigest = Digest(99);
        other[1].Step.ContentDigest = Digest(98);
        other[2].Step.ContentDigest = Digest(97);
        var proof = Ledger([Started(1, 0), .. Steps(1, 9), Started(2, 6), .. other]).Prove();
        var pair = Assert.Single(proof.Repeated);
        Assert.Equal((1, 2, 8, false), (pair.PlanDiffers, pair.ContentDiffers, pair.FirstDifferent, pair.IsEqual));

        var straight = Ledger([Started(1, 0), .. Steps(1, 9)]).Prove();
        Assert.NotEqual(straight.Plan, proof.Plan);
        Assert.NotEqual(straight.Content, proof.Content);
    }

    [Fact]
    public void Prove_StepsThatWereAbandonedAndNotRepeated_DoNotCount()
    {
        var proof = Ledger([Started(1, 0), .. Steps(1, 10), Started(2, 6), .. Steps(7, 8)]).Prove();
        Assert.Equal(8, proof.Steps);
        Assert.Equal(Ledger([Started(1, 0), .. Steps(1, 8)]).Prove().Plan, proof.Plan);
    }

    [Fact]
    public void Prove_StepWithoutDigests_IsMissing()
    {
        var old = Steps(1, 3).ToList();
        (old[1].Step.PlanDigest, old[1].Step.ContentDigest) = ("", "");
        var proof = Ledger([Started(1, 0), .. old, Started(2, 1), .. Steps(2, 3)]).Prove();
        Assert.Equal((3, 0), (proof.Steps, proof.Missing));
        Assert.Equal(1, Assert.Single(proof.Repeated).Steps); // step 2 cannot be compared
        Assert.Equal(1, Ledger([Started(1, 0), .. old]).Prove().Missing);
    }

    [Fact]
    public void Add_MoreStepsThanFit_IsRefused() => Assert.Throws<InvalidDataException>(
        () => Ledger([new RunRecord { Step = new StepMetrics { Step = OrderLedger.MaxSteps + 1 } }]));

    private static OrderLedger Ledger(IEnumerable<RunRecord> records)
    {
        var ledger = new OrderLedger();
        foreach (var record in records)
            ledger.Add(record);
        return ledger;
    }

    private static RunRecord Started(int attempt, long step) => new() { Started = new RunStarted { Attempt = attempt, Step = step } };

    private static IEnumerable<RunRecord> Steps(int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(step => new RunRecord
        {
            Step = new StepMetrics { Step = step, PlanDigest = Digest(step), ContentDigest = Digest(1000 + step) },
        });

    private static string Digest(int value) => $"{value:x32}";
}
