using System.Text.Json;
using ClipDistributed.Data.Tokens;
using CsCheck;

namespace ClipDistributed.Data.Tests.Tokens;

public sealed class ClipTokenizerTests
{
    [Theory]
    [InlineData("ids")]
    [InlineData("ids_ctx32")]
    public void Encode_GoldenCases_GiveOpenClipsIds(string expected)
    {
        var tokenizer = TokenizerFixtures.OpenAi();
        Assert.Equal((49408, 49406, 49407), (tokenizer.VocabularySize, tokenizer.StartOfText, tokenizer.EndOfText));
        Assert.All(TokenizerFixtures.Cases(), one =>
        {
            int[] ids = TokenizerFixtures.Ids(one.GetProperty(expected));
            Assert.Equal(ids, Encode(tokenizer, one.GetProperty("text").GetString()!, ids.Length));
            Assert.Equal(one.GetProperty("length").GetInt32(), tokenizer.EncodeUnpadded(one.GetProperty("text").GetString()!).Length);
        });
    }

    [Theory]
    [InlineData(CleanMode.Whitespace, "whitespace")]
    [InlineData(CleanMode.Canonicalize, "canonicalize")]
    public void Encode_GoldenCasesOfOtherModes_GiveOpenClipsIds(CleanMode mode, string expected)
    {
        var tokenizer = TokenizerFixtures.OpenAi(mode);
        Assert.All(TokenizerFixtures.Read("cases.json").GetProperty("other_clean_modes").EnumerateArray(), one =>
            Assert.Equal(TokenizerFixtures.Ids(one.GetProperty(expected)), Encode(tokenizer, one.GetProperty("text").GetString()!, 77)));
    }

    [Fact]
    public void Save_OpenAiVocabulary_LoadsWithTheSameIds()
    {
        var tokenizer = TokenizerFixtures.OpenAi();
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        var loaded = ClipTokenizer.Load(folder.Path);
        Assert.Equal(tokenizer.VocabularySize, loaded.VocabularySize);
        Assert.All(TokenizerFixtures.Cases(), one =>
            Assert.Equal(TokenizerFixtures.Ids(one.GetProperty("ids")), Encode(loaded, one.GetProperty("text").GetString()!, 77)));
    }

    [Theory]
    [InlineData(CleanMode.Lower)]
    [InlineData(CleanMode.Whitespace)]
    [InlineData(CleanMode.Canonicalize)]
    public void Save_TrainedTokenizer_LoadsWithTheSameIdsAndCleaning(CleanMode mode)
    {
        var tokenizer = TokenizerTrainer.Train(TokenizerFixtures.Captions(), 1200, mode);
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.File("mine.json"));
        var loaded = ClipTokenizer.Load(folder.File("mine.json"));
        Assert.Equal(mode, loaded.Clean);
        Gen.Select(Gen.String, Gen.OneOf([.. TokenizerFixtures.Captions().Select(Gen.Const)]), (noise, caption) => caption + noise)
            .Sample(text => Assert.Equal(tokenizer.EncodeUnpadded(text), loaded.EncodeUnpadded(text)), iter: 300);
    }

    [Fact]
    public void Load_OtherCleaningAsked_WinsOverTheFile()
    {
        using var folder = new TemporaryFolder();
        TokenizerTrainer.Train(TokenizerFixtures.Captions(), 600, CleanMode.Lower).Save(folder.Path);
        Assert.Equal(CleanMode.Canonicalize, ClipTokenizer.Load(folder.Path, CleanMode.Canonicalize).Clean);
    }

    [Fact]
    public void Encode_AnyTextAndContext_StartsEndsCutsAndPads()
    {
        var tokenizer = TokenizerTrainer.Train(TokenizerFixtures.Captions(), 512, CleanMode.Lower);
        Gen.Select(Gen.String, Gen.Int[2, 40])
            .Sample(
                (text, context) =>
                {
                    int[] whole = tokenizer.EncodeUnpadded(text);
                    int[] ids = Encode(tokenizer, text, context);
                    Assert.Equal(tokenizer.StartOfText, whole[0]);
                    Assert.Equal(tokenizer.EndOfText, whole[^1]);
                    int[] expected =
                        whole.Length <= context
                            ? [.. whole, .. new int[context - whole.Length]]
                            : [.. whole[..(context - 1)], tokenizer.EndOfText];
                    Assert.Equal(expected, ids);
                }
            );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Encode_ContextWithoutRoomForBothEnds_IsRefused(int context)
    {
        var tokenizer = TokenizerTrainer.Train(["a cat"], 64, CleanMode.Lower);
        Assert.Throws<ArgumentOutOfRangeException>(() => Encode(tokenizer, "a cat", context));
    }

    [Fact]
    public void Encode_LiteralSpecialTokens_BecomeTheirIds()
    {
        var tokenizer = TokenizerTrainer.Train(["hello world"], 64, CleanMode.Whitespace);
        int[] ids = tokenizer.EncodeUnpadded("hello <end_of_text> <start_of_text>");
        Assert.Equal([tokenizer.EndOfText, tokenizer.StartOfText, tokenizer.EndOfText], ids[^3..]);
        Assert.DoesNotContain(tokenizer.EndOfText, tokenizer.EncodeUnpadded("<END_OF_TEXT>")[..^1]);
    }

    [Fact]
    public void Encode_LettersAndDigitsBeyondTheBasicPlane_AreCutAsLettersAndDigits()
    {
        const string Letters = "\U00010330\U00010331", Digits = "\U0001d7d8\U0001d7d9";
        var tokenizer = TokenizerTrainer.Train([Letters, Letters, Digits, Digits], 1200, CleanMode.Lower);
        Assert.Equal(1 + 2, tokenizer.EncodeUnpadded(Letters).Length);
        Assert.Equal(2 + 2, tokenizer.EncodeUnpadded(Digits).Length);
        Assert.Equal(
            [.. tokenizer.EncodeUnpadded(Letters)[..^1], .. tokenizer.EncodeUnpadded("!")[1..]],
            tokenizer.EncodeUnpadded(Letters + "!")
        );
    }

    [Fact]
    public void Encode_AnyWord_IsWhatApplyingTheMergesOneByOneGives()
    {
        var tokenizer = TokenizerTrainer.Train(TokenizerFixtures.Captions(), 700, CleanMode.Lower);
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        var model = JsonDocument.Parse(File.ReadAllBytes(folder.File("tokenizer.json"))).RootElement.GetProperty("model");
        var ids = model.GetProperty("vocab").EnumerateObject().ToDictionary(symbol => symbol.Name, symbol => symbol.Value.GetInt32());
        var merges = model.GetProperty("merges").EnumerateArray().Select(merge => merge.GetString()!).ToList();
        Assert.True(merges.Count > 50);
        Gen.String[Gen.Char["aceghilnopt"], 1, 24].Sample(word =>
        {
            var symbols = word.Select((letter, i) => i == word.Length - 1 ? letter + "</w>" : letter.ToString()).ToList();
            for (int best; (best = merges.FindIndex(merge => PairAt(symbols, merge) >= 0)) >= 0;)
            {
                int at = PairAt(symbols, merges[best]);
                symbols[at] += symbols[at + 1];
                symbols.RemoveAt(at + 1);
            }
            Assert.Equal([.. symbols.Select(symbol => ids[symbol])], tokenizer.EncodeUnpadded(word)[1..^1]);
        }, iter: 300);
    }

    [Fact]
    public void Encode_ManyThreads_GiveTheSameIds()
    {
        var captions = TokenizerFixtures.Captions();
        var tokenizer = TokenizerTrainer.Train(captions, 600, CleanMode.Lower);
        var expected = captions.ConvertAll(tokenizer.EncodeUnpadded);
        var fresh = TokenizerTrainer.Train(captions, 600, CleanMode.Lower);
        Parallel.For(0, 8, _ => Assert.Equal(expected, captions.ConvertAll(fresh.EncodeUnpadded)));
    }

    [Fact]
    public void Encode_MoreWordsThanTheCacheHolds_StaysCorrect()
    {
        var tokenizer = TokenizerTrainer.Train(TokenizerFixtures.Captions(), 512, CleanMode.Lower);
        int[] expected = tokenizer.EncodeUnpadded("a photo of a cat");
        for (int i = 0; i < 70_000; i++)
            tokenizer.EncodeUnpadded(
                string.Create(
                    6,
                    i,
                    static (word, value) =>
                    {
                        for (int at = 0; at < 6; at++, value /= 10)
                            word[at] = (char)('a' + (value % 10));
                    }
                )
            );
        Assert.Equal(expected, tokenizer.EncodeUnpadded("a photo of a cat"));
    }

    [Fact(Timeout = 20_000)]
    public async Task Encode_CaptionOfOneEndlessWord_IsDoneSoon()
    {
        var tokenizer = TokenizerTrainer.Train([string.Concat(Enumerable.Repeat("abababab", 20)), "aaaa aaaa"], 600, CleanMode.Lower);
        string word = new('a', 500_000);
        int[] ids = await Task.Run(() => tokenizer.EncodeUnpadded(word), TestContext.Current.CancellationToken);
        Assert.True(ids.Length > 2);
    }

    private static int PairAt(List<string> symbols, string merge)
    {
        for (int i = 0; i + 1 < symbols.Count; i++)
        {
            if (symbols[i] + " " + symbols[i + 1] == merge)
                return i;
        }
        return -1;
    }

    private static int[] Encode(ClipTokenizer tokenizer, string text, int context)
    {
        int[] ids = new int[context];
        Array.Fill(ids, -1);
        tokenizer.Encode(text, ids);
        return ids;
    }
}
