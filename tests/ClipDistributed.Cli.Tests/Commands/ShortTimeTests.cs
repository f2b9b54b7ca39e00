using ClipDistributed.Cli.Commands;

namespace ClipDistributed.Cli.Tests.Commands;

public sealed class ShortTimeTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    public void Parse_TimeWithItsUnit_IsThat(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ShortTime.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("10")]
    [InlineData("-1m")]
    [InlineData("10w")]
    [InlineData("99999d")]
    [InlineData("NaNm")]
    public void Parse_WhatIsNone_IsNull(string text) => Assert.Null(ShortTime.Parse(text));
}
