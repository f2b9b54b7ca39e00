using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Tokens;
using CsCheck;

namespace ClipDistributed.Data.Tests.Tokens;

public sealed class TokenizerTrainerTests
{
    // As the rows of a Parquet dictionary of one entry: a small file makes a million of them.
    [Fact]
    public void Train_OneLongCaptionOfAMillionRows_IsCutAndTakesNoTime()
    {
        string caption = string.Concat(Enumerable.Repeat("small red disc ", 12_000));
        var notices = new List<string>();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var merges = Merges(TokenizerTrainer.Train(Enumerable.Repeat(caption, 1_000_000), 1024, CleanMode.Lower, notices.Add));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"it took {clock.Elapsed}");
        Assert.Contains("1,000,000 captions have more than 20,000 characters", Assert.Single(notices), StringComparison.Ordinal);
        Assert.Equal(Merges(TokenizerTrainer.Train(["small red disc small red disc"], 1024, CleanMode.Lower)).Order(), merges.Order());
    }

    [Fact]
    public void Train_WordOfAHundredThousandLetters_IsLeftOutAndNamed()
    {
        var notices = new List<string>();
        var merges = Merges(TokenizerTrainer.Train([new string('x', 10_000), "a cat", "a cat"], 1024, CleanMode.Lower, notices.Add));
        Assert.Contains("words of more than 1,000 letters", Assert.Single(notices), StringComparison.Ordinal);
        Assert.DoesNotContain(merges, merge => merge.Contains('x', StringComparison.Ordinal));
    }

    [Fact]
    public void Train_MostFrequentPair_IsMergedFirstAndTiesGoByText()
    {
        // "b c</w>" comes three times; "a b</w>", "a c</w>" and "b a</w>" twice each.
        string[] captions = ["ba bc ac ab", "bc ab ac ba bc", "xy"];
        Assert.Equal(["b c</w>", "a b</w>", "a c</w>", "b a</w>"], Merges(TokenizerTrainer.Train(captions, 64, CleanMode.Lower)));
    }

    [Fact]
    public void Train_MergesOfMerges_AreLearnedFromTheUpdatedCounts()
    {
        var tokenizer = TokenizerTrainer.Train(["light light lights lights"], 1200, CleanMode.Lower);
        Assert.Equal(1 + 2, tokenizer.EncodeUnpadded("light").Length);
        Assert.Equal(1 + 2, tokenizer.EncodeUnpadded("lights").Length);
    }

    [Fact]
    public void Train_EveryCount_IsTheOneOfARecount()
    {
        var captions = TokenizerFixtures.Captions();
        var words = captions.SelectMany(caption => CaptionCleaning.Clean(caption, CleanMode.Canonicalize).Split(' '))
            .Where(word => word.All(char.IsAsciiLetterLower))
            .GroupBy(word => word)
            .Select(group =>
                (
                    Symbols: group.Key.Select((letter, i) => letter + (i == group.Key.Length - 1 ? "</w>" : "")).ToList(),
                    Count: group.Count()
                )
            )
            .ToList();
        var expected = new List<string>();
        while (BestPair(words) is { } pair)
        {
            expected.Add($"{pair.Left} {pair.Right}");
            foreach (var (symbols, _) in words)
            {
                for (int i = 0; i + 1 < symbols.Count; i++)
                {
                    if ((symbols[i], symbols[i + 1]) == pair)
                    {
                        symbols[i] += symbols[i + 1];
                        symbols.RemoveAt(i + 1);
                    }
                }
            }
        }
        var letters = captions.Select(caption =>
            string.Join(
                ' ',
                CaptionCleaning.Clean(caption, CleanMode.Canonicalize).Split(' ').Where(word => word.All(char.IsAsciiLetterLower))
            )
        );
        Assert.Equal(expected, Merges(TokenizerTrainer.Train(letters, 2000, CleanMode.Lower)));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(512)]
    [InlineData(1024)]
    [InlineData(5000)]
    public void Train_AnySize_IsKeptWithTheSpecialTokensLast(int size)
    {
        var tokenizer = TokenizerTrainer.Train(TokenizerFixtures.Captions(), size, CleanMode.Lower);
        Assert.Equal((size, size - 2, size - 1), (tokenizer.VocabularySize, tokenizer.StartOfText, tokenizer.EndOfText));
        Assert.All(tokenizer.EncodeUnpadded("a photo of a cat")[1..^1], id => Assert.InRange(id, 0, size - 3));
    }

    [Fact]
    public void Train_FullAlphabet_IsLaidOutAsInClip()
    {
        var tokenizer = TokenizerTrainer.Train(["a cat", "a cat"], 1024, CleanMode.Lower);
        Assert.Equal([1022, 0, 256, 1023], tokenizer.EncodeUnpadded("!!"));
        Assert.Equal([1022, 64, 65, 322, 1023], tokenizer.EncodeUnpadded("abc"));
    }

    [Fact]
    public void Train_SmallVocabulary_HoldsPrintableAsciiAndWhatCaptionsHold()
    {
        var tokenizer = TokenizerTrainer.Train(TokenizerFixtures.Captions(), 512, CleanMode.Lower);
        string unseen = string.Concat(Enumerable.Range('!', 94).Select(c => (char)c).Where(c => c != '&')).ToLowerInvariant();
        Assert.All(unseen, c => Assert.Equal(1 + 2, tokenizer.EncodeUnpadded(c.ToString()).Length));
        Assert.True(tokenizer.EncodeUnpadded("東").Length > 2);
        Assert.Equal([tokenizer.StartOfText, tokenizer.EndOfText], tokenizer.EncodeUnpadded("\U0001f600"));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(512)]
    [InlineData(1100)]
    public void Train_AnyTextLater_CanBeEncoded(int size)
    {
        var tokenizer = TokenizerTrainer.Train(TokenizerFixtures.Captions(), size, CleanMode.Lower);
        Gen.String.Sample(text => Assert.All(tokenizer.EncodeUnpadded(text), id => Assert.InRange(id, 0, size - 1)), iter: 500);
    }

    [Fact]
    public void Train_CaptionsInAnyOrder_GiveTheSameFile()
    {
        var captions = TokenizerFixtures.Captions();
        byte[] expected = Saved(TokenizerTrainer.Train(captions, 700, CleanMode.Lower));
        Gen.Shuffle(captions.ToArray())
            .Sample(shuffled => Assert.Equal(expected, Saved(TokenizerTrainer.Train(shuffled, 700, CleanMode.Lower))), iter: 10);
    }

    [Fact]
    public void Train_NoCaptions_GivesBytesOnly()
    {
        var tokenizer = TokenizerTrainer.Train([], 1024, CleanMode.Lower);
        Assert.Equal(1 + "hello".Length + 1, tokenizer.EncodeUnpadded("hello").Length);
    }

    [Fact]
    public void Train_LiteralSpecialTokens_AreNoWords()
    {
        string[] captions = ["<end_of_text> cat", "<end_of_text> cat", "<start_of_text>", "<start_of_text>"];
        Assert.Equal(["a t</w>", "c at</w>"], Merges(TokenizerTrainer.Train(captions, 1200, CleanMode.Lower)));
    }

    [Fact]
    public void Train_TooSmall_IsRefused()
    {
        var bad = Assert.Throws<BadInputException>(() => TokenizerTrainer.Train(["a cat"], 63, CleanMode.Lower));
        Assert.Equal("vocabulary size 63 is too small; use 64 or more.", bad.Message);
    }

    private static (string Left, string Right)? BestPair(List<(List<string> Symbols, int Count)> words) => words
        .SelectMany(word => word.Symbols.Zip(word.Symbols.Skip(1), (left, right) => (Pair: (left, right), word.Count)))
        .GroupBy(occurrence => occurrence.Pair, (pair, all) => (Pair: pair, Count: all.Sum(occurrence => occurrence.Count)))
        .Where(candidate => candidate.Count > 1)
        .OrderByDescending(candidate => candidate.Count)
        .ThenBy(candidate => candidate.Pair.left, StringComparer.Ordinal)
        .ThenBy(candidate => candidate.Pair.right, StringComparer.Ordinal)
        .Select(candidate => ((string, string)?)candidate.Pair)
        .FirstOrDefault();

    private static byte[] Saved(ClipTokenizer tokenizer)
    {
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.File("t.json"));
        return File.ReadAllBytes(folder.File("t.json"));
    }

    private static List<string> Merges(ClipTokenizer tokenizer) =>
        [
            .. JsonDocument
                .Parse(Saved(tokenizer))
                .RootElement.GetProperty("model")
                .GetProperty("merges")
                .EnumerateArray()
                .Select(merge => merge.GetString()!),
        ];
}
