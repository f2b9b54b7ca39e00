using ClipDistributed.Data.Tokens;
using CsCheck;

namespace ClipDistributed.Data.Tests.Tokens;

public sealed class CaptionCleaningTests
{
    [Fact]
    public void Clean_GoldenCases_GiveOpenClipsText()
    {
        var cases = TokenizerFixtures.Cases();
        Assert.Equal(238, cases.Count);
        Assert.All(
            cases,
            one =>
                Assert.Equal(
                    one.GetProperty("cleaned").GetString(),
                    CaptionCleaning.Clean(one.GetProperty("text").GetString()!, CleanMode.Lower)
                )
        );
    }

    [Theory]
    [InlineData(CleanMode.Whitespace, "cleaned_whitespace")]
    [InlineData(CleanMode.Canonicalize, "cleaned_canonicalize")]
    public void Clean_GoldenCasesOfOtherModes_GiveOpenClipsText(CleanMode mode, string expected)
    {
        var cases = TokenizerFixtures.Read("cases.json").GetProperty("other_clean_modes").EnumerateArray().ToList();
        Assert.NotEmpty(cases);
        Assert.All(
            cases,
            one => Assert.Equal(one.GetProperty(expected).GetString(), CaptionCleaning.Clean(one.GetProperty("text").GetString()!, mode))
        );
    }

    [Theory]
    [InlineData(CleanMode.Lower, "lower")]
    [InlineData(CleanMode.Whitespace, "whitespace")]
    [InlineData(CleanMode.Canonicalize, "canonicalize")]
    public void Clean_RandomTexts_GivePythonsText(CleanMode mode, string expected)
    {
        var cases = TokenizerFixtures.Read("cleaning.json").EnumerateArray().ToList();
        Assert.True(cases.Count > 600);
        Assert.All(
            cases,
            one => Assert.Equal(one.GetProperty(expected).GetString(), CaptionCleaning.Clean(one.GetProperty("text").GetString()!, mode))
        );
    }

    [Theory]
    [InlineData("e\u0301", "\u00e9")] // joined
    [InlineData("\u1100\u1161\u11a8", "\uac01")] // Hangul by arithmetic
    [InlineData("a\u0315\u0300\u05ae", "\u00e0\u05ae\u0315")] // marks sorted by class, then joined past them
    [InlineData("\u0958", "\u0915\u093c")] // never put together
    [InlineData("\u212b", "\u00e5")] // a duplicate, then lower case
    [InlineData("\U0002f800", "\u4e3d")]
    public void Clean_UnderInvariantGlobalization_NormalizesToFormC(string text, string expected) =>
        Assert.Equal(expected, CaptionCleaning.Clean(text, CleanMode.Lower));

    [Theory]
    [InlineData("\u0130", "i\u0307")]
    [InlineData("ΣΟΦΟΣ Σ", "σοφος σ")]
    [InlineData("ΟΔΟΣ.", "οδος.")]
    [InlineData("ΟΔΟΣ.Α", "οδοσ.α")]
    [InlineData("𐐀", "𐐨")]
    public void Clean_Lower_UsesTheFullMapping(string text, string expected) =>
        Assert.Equal(expected, CaptionCleaning.Clean(text, CleanMode.Lower));

    [Theory]
    [InlineData("&ampx &notit; &lt", "&x ¬it; <")]
    [InlineData("&NTILDE; &#x92; &#150;", "Ñ ' –")]
    [InlineData("<b>&amp;amp;</b>", "<b>&</b>")]
    [InlineData("&#0; &#xD800; &#99999999999;", "\ufffd \ufffd \ufffd")]
    [InlineData("a&#1;b & c &# &#x; &;", "ab & c &# &#x; &;")]
    public void Clean_HtmlReferences_AreReadAsABrowserWould(string text, string expected) =>
        Assert.Equal(expected, CaptionCleaning.Clean(text, CleanMode.Whitespace));

    [Fact]
    public void Clean_LoneSurrogate_BecomesTheReplacementCharacter() =>
        Assert.Equal("a\ufffdb", CaptionCleaning.Clean("a\ud83db", CleanMode.Lower));

    [Fact]
    public void Clean_AnyText_LeavesOneSpaceBetweenWords() => Gen.String.Sample(text =>
    {
        foreach (var mode in Enum.GetValues<CleanMode>())
        {
            string cleaned = CaptionCleaning.Clean(text, mode);
            Assert.Equal(string.Join(' ', cleaned.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), cleaned);
        }
    });
}
