using ClipDistributed.Contracts.Links;

namespace ClipDistributed.Contracts.Tests.Links;

public class BackoffTests
{
    [Theory]
    [InlineData(1, 0, 0.2)]
    [InlineData(2, 0, 0.4)]
    [InlineData(4, 0, 1.6)]
    [InlineData(5, 0, 2)]
    [InlineData(1000, 0, 2)]
    [InlineData(1, 1, 0.1)]
    [InlineData(1000, 0.5, 1.5)]
    public void After_Failures_DoublesUpToTheBound(int failures, double chance, double seconds) =>
        Assert.Equal(seconds, new Backoff(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(2)).After(failures, chance).TotalSeconds, 6);
}
