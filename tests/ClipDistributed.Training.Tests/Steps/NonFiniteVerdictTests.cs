using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Steps;

namespace ClipDistributed.Training.Tests.Steps;

public sealed class NonFiniteVerdictTests
{
    [Theory]
    [InlineData("110", "111", "110", "111", nameof(NonFiniteVerdict.Exclude))] // rank 2 embeds badly whatever it is given
    [InlineData("111", "101", "111", "101", nameof(NonFiniteVerdict.Exclude))] // rank 1's gradients
    [InlineData("101", "000", "111", "101", nameof(NonFiniteVerdict.Exclude))] // after bad embeddings gradients prove nothing
    [InlineData("110", "111", "101", "111", nameof(NonFiniteVerdict.Skip))] // the sample took it along
    [InlineData("100", "111", "100", "111", nameof(NonFiniteVerdict.Skip))] // two at once are not a broken one
    [InlineData("111", "111", "111", "111", nameof(NonFiniteVerdict.Skip))] // a sum went out of range
    public void Decide_SecondIsNonFiniteToo_DistinguishesReplicaFromSample(
        string embedded,
        string differentiated,
        string embeddedAgain,
        string differentiatedAgain,
        string expected
    )
    {
        var verdict = NonFiniteVerdict.Decide(7, Outcome(embedded, differentiated), Outcome(embeddedAgain, differentiatedAgain), world: 3);
        Assert.Equal(expected, verdict.GetType().Name);
        Assert.Contains("tep 7", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_BrokenReplica_IsNamedWithWhatWasSeen()
    {
        var verdict = Assert.IsType<NonFiniteVerdict.Exclude>(
            NonFiniteVerdict.Decide(7, Outcome("10", "11"), Outcome("10", "00"), world: 2));
        Assert.Equal(
            (1, "in step 7 the embeddings of rank 1 are non-finite, and again for the rows of another replica"),
            (verdict.Rank, verdict.Reason)
        );
    }

    [Fact]
    public void Decide_ReplicaAlone_IsNeverExcluded() =>
        Assert.IsType<NonFiniteVerdict.Skip>(NonFiniteVerdict.Decide(7, Outcome("0", "1"), Outcome("0", "1"), world: 1));

    [Fact]
    public void Decide_SecondIsFinite_Counts() =>
        Assert.IsType<NonFiniteVerdict.Recovered>(NonFiniteVerdict.Decide(7, Outcome("01", "11"), Outcome("11", "11", loss: 2), world: 2));

    private static StepOutcome Outcome(string embedded, string differentiated, double loss = double.NaN) =>
        new(
            new StepAgreement(loss, default(StepDigest), 0, 0, false, false, 0),
            1,
            [.. embedded.Select(rank => rank == '1')],
            [.. differentiated.Select(rank => rank == '1')]
        )
        {
            LogitScale = 1,
        };
}
