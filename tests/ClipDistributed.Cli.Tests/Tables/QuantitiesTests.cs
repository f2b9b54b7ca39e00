using ClipDistributed.Cli.Tables;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Tests.Tables;

public sealed class QuantitiesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-5, "now")]
    [InlineData(0.5, "now")]
    [InlineData(59, "59 s ago")]
    [InlineData(60, "1 min ago")]
    [InlineData(3599, "59 min ago")]
    [InlineData(7200, "2 h ago")]
    [InlineData(200_000, "2 d ago")]
    public void Ago_Seconds_AreRoundedDown(double seconds, string expected) =>
        Assert.Equal(expected, Quantities.Ago(Timestamp.FromDateTimeOffset(Now.AddSeconds(-seconds)), Now));

    [Fact]
    public void Ago_NoTime_IsADash() => Assert.Equal("-", Quantities.Ago(null, Now));

    [Theory]
    [InlineData(0, "0.0 s")]
    [InlineData(59.99, "59.9 s")]
    [InlineData(60, "1 min 0 s")]
    [InlineData(3599.9, "59 min 59 s")]
    [InlineData(100_000, "27 h 46 min")]
    public void Duration_Seconds_AreRoundedDown(double seconds, string expected) => Assert.Equal(expected, Quantities.Duration(seconds));

    [Theory]
    [InlineData(0, "-")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(8L << 30, "8 GiB")]
    [InlineData(long.MaxValue, "8388608 TiB")]
    public void Bytes_HaveTheirUnit(long bytes, string expected) => Assert.Equal(expected, Quantities.Bytes(bytes));

    [Fact]
    public void ToText_Columns_AreAligned()
    {
        var table = new TextTable("a", "long header", "c");
        table.Add("value", "1", "");
        table.Add("v", "2", "x");
        Assert.Equal("a      long header  c\nvalue  1\nv      2            x\n", table.ToText());
    }
}
