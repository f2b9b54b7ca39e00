using ClipDistributed.Coordinator.Metrics;

namespace ClipDistributed.Coordinator.Tests.Metrics;

public sealed class CardPeaksTests
{
    [Theory]
    [InlineData("NVIDIA H200", 989.4)]
    [InlineData("NVIDIA H200 NVL", 835.5)]
    [InlineData("NVIDIA A100-SXM4-80GB", 312.0)]
    [InlineData("NVIDIA H200 MIG 1g.18gb", null)]
    [InlineData("NVIDIA T4", null)]
    public void Of_Card_IsItsPeakUnlessItIsASlice(string card, double? peak) => Assert.Equal(peak, CardPeaks.Of(card)?.Peak);
}
