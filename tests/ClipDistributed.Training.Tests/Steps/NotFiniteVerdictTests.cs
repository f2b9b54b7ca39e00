using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Steps;

namespace ClipDistributed.Training.Tests.Steps;

public sealed class NotFiniteVerdictTests
{
    [Theory]
    [InlineData("110", "111", "110", "111", nameof(NotFiniteVerdict.Exclude))] // rank 2 embeds badly whatever it is given
    [InlineData("111", "101", "111", "101", nameof(NotFiniteVerdict.Exclude))] // rank 1's gradients
    [InlineData("101", "000", "111", "101", nameof(NotFiniteVerdict.Exclude))] // behind bad embeddings gradients say nothing
    [InlineData("110", "111", "101", "111", nameof(NotFiniteVerdict.Skip))] // the sample took it along
    [InlineData("100", "111", "100", "111", nameof(NotFiniteVerdict.Skip))] // two at once are no broken one
    [InlineData("111", "111", "111", "111", nameof(NotFiniteVerdict.Skip))] // a sum went out of range
    public void Decide_SecondTryNotFiniteEither_TellsReplicaFromSample(
        string embedded,
        string differentiated,
        string embeddedAgain,
        string differentiatedAgain,
        string expected
    )
    {
        var verdict = NotFiniteVerdict.Decide(7, Try(embedded, differentiated), Try(embeddedAgain, differentiatedAgain), world: 3);
        Assert.Equal(expected, verdict.GetType().Name);
        Assert.Contains("tep 7", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_BrokenReplica_IsNamedWithWhatWasSeen()
    {
        var verdict = Assert.IsType<NotFiniteVerdict.Exclude>(NotFiniteVerdict.Decide(7, Try("10", "11"), Try("10", "00"), world: 2));
        Assert.Equal(
            (1, "in step 7 the embeddings of rank 1 are not finite, and again for the rows of another replica"),
            (verdict.Rank, verdict.Reason)
        );
    }

    [Fact]
    public void Decide_ReplicaAlone_IsNeverExcluded() =>
        Assert.IsType<NotFiniteVerdict.Skip>(NotFiniteVerdict.Decide(7, Try("0", "1"), Try("0", "1"), world: 1));

    [Fact]
    public void Decide_SecondTryFinite_Counts() =>
        Assert.IsType<NotFiniteVerdict.Recovered>(NotFiniteVerdict.Decide(7, Try("01", "11"), Try("11", "11", loss: 2), world: 2));

    private static StepTry Try(string embedded, string differentiated, double loss = double.NaN) =>
        new(
            new StepAgreement(loss, default(StepDigest), 0, 0, false, false),
            1,
            [.. embedded.Select(rank => rank == '1')],
            [.. differentiated.Select(rank => rank == '1')]
        );
}
