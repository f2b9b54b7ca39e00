using ClipDistributed.Cli.Tables;

namespace ClipDistributed.Cli.Tests.Tables;

public sealed class SparklineTests
{
    [Theory]
    [InlineData(new[] { 1.0, 2, 3, 4, 5, 6, 7, 8 }, 40, "▁▂▃▄▅▆▇█")]
    [InlineData(new[] { 8.0, 1 }, 40, "█▁")]
    [InlineData(new[] { 8.0, 8, 1, 1 }, 2, "█▁")] // two share a column
    [InlineData(new[] { 3.0, 3, 3 }, 40, "▁▁▁")]
    [InlineData(new[] { 8.0, double.NaN, 1 }, 40, "█ ▁")]
    [InlineData(new[] { double.NaN }, 40, "")]
    [InlineData(new double[0], 40, "")]
    public void Of_Values_IsTheirCurve(double[] values, int width, string curve) => Assert.Equal(curve, Sparkline.Of(values, width));
}
