using ClipDistributed.Reporting.Numbers;

namespace ClipDistributed.Reporting.Tests.Numbers;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(950, "950")]
    [InlineData(12_500, "12.5k")]
    [InlineData(204_800, "204.8k")]
    [InlineData(1_250_000, "1.25M")]
    public void Short_AnyNumber_HasAFewDigits(double value, string text) => Assert.Equal(text, Figures.Short(value));

    [Theory]
    [InlineData(0.0005, "5e-4")]
    [InlineData(0.00125, "1.25e-3")]
    [InlineData(0, "0")]
    public void Scientific_SmallNumbers_AreShort(double value, string text) => Assert.Equal(text, Figures.Scientific(value));

    [Theory]
    [InlineData(4.25, "4.3s")]
    [InlineData(212.3, "3m 32s")]
    [InlineData(7_500, "2h 05m")]
    [InlineData(180_000, "50h 00m")]
    public void Duration_AnyLength_HasTwoUnits(double seconds, string text) => Assert.Equal(text, Figures.Duration(seconds));

    [Fact]
    public void Smooth_StraightLine_KeepsItsMiddleAndConstantsStay()
    {
        Assert.All(Figures.Smooth([2, 2, 2, 2, 2], 3), value => Assert.Equal(2, value, 12));
        double[] line = [.. Enumerable.Range(0, 101).Select(i => (double)i)];
        Assert.Equal(50, Figures.Smooth(line, 5)[50], 9); // a one-sided average would lag behind
        Assert.Equal([1, 2, 3], Figures.Smooth([1, 2, 3], 1));
    }
}
