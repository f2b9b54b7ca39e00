using ClipDistributed.Training.Consistency;

namespace ClipDistributed.Training.Tests.Consistency;

public sealed class StateVerdictTests
{
    [Theory]
    [InlineData(new ulong[] { 7, 7, 9 }, new[] { 0, 0, 1e-7 }, "Resynchronise 0")]
    [InlineData(new ulong[] { 9, 7, 7 }, new[] { 1e-7, 0, 0 }, "Resynchronise 1")] // from the majority
    [InlineData(new ulong[] { 7, 8, 9 }, new[] { 0, 1e-7, 1e-7 }, "Resynchronise 0")] // none: from the lowest rank
    [InlineData(new ulong[] { 7, 9 }, new[] { 0, 1e-6 }, "Resynchronise 0")]
    [InlineData(new ulong[] { 9, 7, 7 }, new[] { 0.1, 0, 0 }, "Exclude 0")]
    [InlineData(new ulong[] { 7, 7, 9 }, new[] { 0, 0, double.NaN }, "Exclude 2")]
    [InlineData(new ulong[] { 7, 7, 9, 7, 8 }, new[] { 0, 0, 0.1, 0, 1e-7 }, "Exclude 2")] // rank 4 is for the next comparison
    [InlineData(new ulong[] { 7, 9, 7, 7, 8 }, new[] { 0, 0.1, 0, 0, 2e-6 }, "Exclude 1 4")]
    [InlineData(new ulong[] { 7, 9 }, new[] { 0, 0.1 }, "Reload")] // no majority
    [InlineData(new ulong[] { 7, 7, 9, 9 }, new[] { 0, 0, 2e-6, 2e-6 }, "Reload")]
    [InlineData(new ulong[] { 7, 8 }, new[] { 0, double.NaN }, "Reload")]
    public void Decide_StatesDiffer_MendsExcludesOrReloads(ulong[] digests, double[] differences, string expected) =>
        Assert.Equal(expected, StateVerdict.Decide(50, digests, differences) switch
        {
            StateVerdict.Exclude exclude => $"Exclude {string.Join(' ', exclude.Ranks)}",
            StateVerdict.Reload => "Reload",
            _ => $"Resynchronise {StateVerdict.Reference(digests)}",
        });

    [Fact]
    public void Decide_OneDiffers_NamesRankStepAndDifference() =>
        Assert.Equal(
            "after step 50 the state of rank 0 differs from that of rank 1 by 0.25 (relative)",
            StateVerdict.Decide(50, [9, 7, 7], [0.25, 0, 0]).Reason
        );
}
