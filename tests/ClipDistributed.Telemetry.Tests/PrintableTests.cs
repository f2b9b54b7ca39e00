using System.Text.Json;
using CsCheck;

namespace ClipDistributed.Telemetry.Tests;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("\u001b[2Jgone", @"\u001B[2Jgone")]
    [InlineData("\u009b31m", @"\u009B31m")]
    [InlineData("a\u202egnp.exe", @"a\u202Egnp.exe")]
    [InlineData("\u2066x\u2069\u200e\u061c", @"\u2066x\u2069\u200E\u061C")]
    [InlineData("a\0\b\u007f\a", @"a\u0000\u0008\u007F\u0007")]
    [InlineData("over\rwritten", @"over\u000Dwritten")]
    [InlineData("\ufeffa\u200bb\u2060c\u2028d", @"\uFEFFa\u200Bb\u2060c\u2028d")]
    [InlineData("tag \udb40\udc41", @"tag \uDB40\uDC41")]
    [InlineData("two\r\nlines\tand 中文 é 👩‍👩‍👧 \"quoted\"", "two\r\nlines\tand 中文 é 👩‍👩‍👧 \"quoted\"")]
    public void Text_WhatATerminalObeysOrNobodySees_IsEscaped(string text, string expected) => Assert.Equal(expected, Printable.Text(text));

    [Fact]
    public void Text_HalvesOfCharacters_AreEscaped() => Assert.Equal(@"half \uD83D! \uDE00", Printable.Text("half \ud83d! \ude00"));

    [Fact]
    public void Line_LinesAndTabs_AreEscapedToo() => Assert.Equal(@"a\u000D\u000Ab\u0009c", Printable.Line("a\r\nb\tc"));

    [Fact]
    public void Line_AnyText_HasNoControlsAndStaysWhatItIs() =>
        Gen.OneOf(Gen.Int[0, 0xFFFF], Gen.Int[0, 0x20], Gen.Int[0x2000, 0x2070], Gen.Int[0x80, 0xA0])
            .Select(code => (char)code)
            .Array[0, 20]
            .Sample(letters =>
            {
                string text = new(letters),
                    shown = Printable.Line(text);
                Assert.DoesNotContain(
                    shown,
                    c =>
                        char.IsControl(c)
                        || char.GetUnicodeCategory(c)
                            is System.Globalization.UnicodeCategory.LineSeparator
                                or System.Globalization.UnicodeCategory.ParagraphSeparator
                );
                Assert.Equal(shown, Printable.Line(shown));
            });

    [Fact]
    public void Text_OfJson_IsTheSameJson()
    {
        string json = JsonSerializer.Serialize(
            "a\u202e\u001b\udb40\udc41é\n",
            new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
        Assert.Equal("a\u202e\u001b\udb40\udc41é\n", JsonSerializer.Deserialize<string>(Printable.Text(json)));
    }
}
