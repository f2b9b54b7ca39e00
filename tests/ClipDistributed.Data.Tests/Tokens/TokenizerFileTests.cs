using System.Text;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Tests.Tokens;

public sealed class TokenizerFileTests : TokenizerFilesBase
{
    private const int MergeCount = 48_894;

    [Fact]
    public void Load_MergesFile_NumbersBytesThenMergesThenSpecialTokens()
    {
        var tokenizer = ClipTokenizer.Load(Folder.Write("bpe_simple_vocab_16e6.txt.gz", TokenizerFixtures.Gzip(MergesFile())));
        Assert.Equal((49408, 49406, 49407), (tokenizer.VocabularySize, tokenizer.StartOfText, tokenizer.EndOfText));
        // '!' is the first byte symbol; the first merge joins it with '!' at the end of a word.
        Assert.Equal([49406, 256, 49407], tokenizer.EncodeUnpadded("!"));
        Assert.Equal([49406, 512, 49407], tokenizer.EncodeUnpadded("!!"));
        Assert.Equal([49406, 0, 512, 49407], tokenizer.EncodeUnpadded("!!!"));
    }

    [Fact]
    public void Load_Folder_FindsTheFileInIt()
    {
        Folder.Write("bpe_simple_vocab_16e6.txt.gz", TokenizerFixtures.Gzip(MergesFile()));
        Assert.Equal(49408, ClipTokenizer.Load(Folder.Path).VocabularySize);
    }

    [Fact]
    public void Load_TruncatedMergesFile_IsRefused()
    {
        byte[] packed = TokenizerFixtures.Gzip(MergesFile());
        Refused(Folder.Write("cut.gz", packed[..(packed.Length / 2)]), "cut.gz: ", "get bpe_simple_vocab_16e6.txt.gz again");
    }

    [Fact]
    public void Load_MergesFileWithTooFewMerges_IsRefused() =>
        Refused(Folder.Write("short.gz", TokenizerFixtures.Gzip("#version\na b\n")), "holds 1 merge where CLIP's vocabulary has 48894");

    [Theory]
    [InlineData("a b", "gives a symbol that is there already")]
    [InlineData("ab", "'ab' is not two symbols")]
    [InlineData("a b c", "'a b c' is not two symbols")]
    [InlineData("qqqq b</w>", "needs 'qqqq', which is not a symbol")]
    public void Load_MergesFileWithABadLine_IsRefused(string line, string expected)
    {
        string[] lines = MergesFile().Split('\n');
        lines[10] = "a b";
        lines[20] = line;
        Refused(Folder.Write("bad.gz", TokenizerFixtures.Gzip(string.Join('\n', lines))), expected);
    }

    [Fact]
    public void Load_MissingFile_IsRefused() => Refused(Folder.File("none.json"), "none.json: cannot be opened");

    [Fact]
    public void Load_EmptyFolder_IsRefused() => Refused(Folder.Path, "holds neither tokenizer.json nor bpe_simple_vocab_16e6.txt.gz");

    [Theory]
    [InlineData("")]
    [InlineData("#version: 0.2\na b\n")]
    public void Load_OtherFormat_IsRefused(string content) =>
        Refused(Folder.Write("other", Encoding.UTF8.GetBytes(content)), "is neither a tokenizer.json nor gzip");

    [Theory]
    [InlineData("{", "(line 1, byte 2 is not JSON")]
    [InlineData("{\n[[[[", "(line 2, byte 1 is not JSON")]
    [InlineData("{}", "(it lacks one of the keys model")]
    [InlineData(
        """{"model": {"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {}, "merges": []}"""
            + """, "added_tokens": [{"content": "<|startoftext|>", "id": 0.5}]}""",
        "(the id 0.5 is not a whole number"
    )]
    [InlineData("""{"model": 3}""", "(one of its values is of another type")]
    [InlineData("""{"model": {"type": "\udc00"}}""", "(it has a text with half a character")]
    [InlineData(
        """{"model": {"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {}, "merges": []}, "added_tokens": []}""",
        "(added_tokens has none of"
    )]
    public void Load_WrongJson_IsRefusedInOneLine(string content, string why) =>
        Refused(Folder.Write("tokenizer.json", Encoding.UTF8.GetBytes(content)), $"is not a tokenizer.json of a BPE model {why}");

    [Fact]
    public void Load_OtherModel_IsRefused() =>
        RefusedAfter(json => json["model"]!["end_of_word_suffix"] = null, "is not BPE with the end_of_word_suffix </w>");

    [Fact]
    public void Load_VocabularyOfMillions_IsRefusedAtOnce()
    {
        string symbols = "{" + string.Join(",", Enumerable.Range(0, 1_000_001).Select(i => $"\"{i}\":0")) + "}";
        Folder.Write("merges.txt", "#version: 0.2\n"u8.ToArray());
        Refused(Folder.Write("vocab.json", Encoding.UTF8.GetBytes(symbols)), "more than 1,000,000 entries");
        Refused(
            Folder.Write(
                "t.json",
                Encoding.UTF8.GetBytes("{\"model\":{\"merges\":[" + string.Join(",", Enumerable.Repeat("0", 4_000_000)) + "]}}")
            ),
            "more than 4,000,000 values"
        );
    }

    [Fact]
    public void Load_MergesOfMillions_AreRefusedAtOnce()
    {
        Folder.Write("vocab.json", """{"<start_of_text>": 1, "<end_of_text>": 2, "a</w>": 0}"""u8.ToArray());
        Folder.Write("merges.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a b\n", 1_000_001))));
        Refused(Folder.File("vocab.json"), "more than 1,000,000 merges");
        using (var file = File.OpenWrite(Folder.File("merges.txt")))
            file.SetLength(TokenizerFile.MaxFile + 1); // takes no place on the disk
        Refused(Folder.File("vocab.json"), "at most 100,000,000");
    }

    [Fact]
    public void Load_PatternOfMegabytes_IsNamedByItsBeginning()
    {
        var json = JsonNode.Parse(File.ReadAllText(Trained()))!;
        json["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = new string('x', 20_000_000);
        var refused = Assert.Throws<BadInputException>(() =>
            ClipTokenizer.Load(Folder.Write("long.json", Encoding.UTF8.GetBytes(json.ToJsonString())))
        );
        Assert.Contains("cuts words by the pattern xxx", refused.Message, StringComparison.Ordinal);
        Assert.InRange(refused.Message.Length, 50, 500);
    }

    [Fact]
    public void Load_RepeatedMerge_IsRefused() =>
        RefusedAfter(json => json["model"]!["merges"]!.AsArray().Add(json["model"]!["merges"]![0]!.DeepClone()), "is there twice");

    [Fact]
    public void Load_MergeOfUnknownSymbols_IsRefused() =>
        RefusedAfter(json => json["model"]!["merges"]!.AsArray().Add("zz yy"), "needs 'zz', which is not a symbol of the vocabulary");

    [Fact]
    public void Load_MergeOfThree_IsRefused() =>
        RefusedAfter(json => json["model"]!["merges"]!.AsArray().Add("a b c"), "is not two symbols");

    [Fact]
    public void Load_TwoSymbolsWithOneId_IsRefused() => RefusedAfter(json => json["model"]!["vocab"]!["zz"] = 0, "id 0 is given to");

    [Fact]
    public void Load_EndOfTextNotTheLargestId_IsRefused() =>
        RefusedAfter(json => json["model"]!["vocab"]!["zz"] = 5000, "must be the largest");

    [Fact]
    public void Load_HuggingFacesNamesAndMergePairs_AreRead()
    {
        string plain = Trained();
        var json = JsonNode.Parse(File.ReadAllText(plain))!;
        json["added_tokens"]![0]!["content"] = "<|startoftext|>";
        json["added_tokens"]![1]!["content"] = "<|endoftext|>";
        var vocabulary = json["model"]!["vocab"]!.AsObject();
        vocabulary["<|startoftext|>"] = vocabulary["<start_of_text>"]!.DeepClone();
        vocabulary["<|endoftext|>"] = vocabulary["<end_of_text>"]!.DeepClone();
        vocabulary.Remove("<start_of_text>");
        vocabulary.Remove("<end_of_text>");
        json["model"]!["merges"] = new JsonArray([
            .. json["model"]!["merges"]!.AsArray().Select(merge => new JsonArray([.. merge!.GetValue<string>().Split(' ')])),
        ]);
        string caption = TokenizerFixtures.Captions()[7];
        string other = Folder.Write("hf.json", Encoding.UTF8.GetBytes(json.ToJsonString()));
        Assert.Equal(ClipTokenizer.Load(plain).EncodeUnpadded(caption), ClipTokenizer.Load(other).EncodeUnpadded(caption));
    }

    [Theory]
    [InlineData("WordPiece")]
    [InlineData("Unigram")]
    public void Load_ModelOfAnotherKind_IsNamed(string type) => RefusedAfter(json => json["model"]!["type"] = type, $"but {type}");

    [Fact]
    public void Load_OtherNormalizer_IsNamed() =>
        RefusedAfter(
            json => json["normalizer"] = new JsonObject { ["type"] = "BertNormalizer" },
            "cleans text by the normalizer BertNormalizer"
        );

    [Fact]
    public void Load_WordsInCharacters_IsRefused() =>
        RefusedAfter(
            json =>
                json["pre_tokenizer"] = JsonNode.Parse(
                    """{"type": "Split", "pattern": {"Regex": "[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"}"""
                        + """, "behavior": "Removed", "invert": true}"""
                ),
            "has no ByteLevel"
        );

    [Fact]
    public void Load_OtherCut_IsNamed() =>
        RefusedAfter(
            json => json["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            "cuts text by the pre_tokenizer BertPreTokenizer"
        );

    [Fact]
    public void Load_OtherPattern_IsNamed() =>
        RefusedAfter(json => json["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = "\\S+", "cuts words by the pattern \\S+");

    /// <summary>A header and as many merges as CLIP uses: each byte symbol with each byte symbol that ends a word.</summary>
    private static string MergesFile()
    {
        int[] printable = [.. Enumerable.Range('!', 94), .. Enumerable.Range(0xa1, 12), .. Enumerable.Range(0xae, 82)];
        string[] symbols = [.. printable.Concat(Enumerable.Range(0x100, 68)).Select(c => ((char)c).ToString())];
        var merges = symbols.SelectMany(left => symbols.Select(right => $"{left} {right}</w>")).Take(MergeCount);
        return "\"bpe_simple_vocab_16e6.txt#version: 0.2\n" + string.Join('\n', merges) + "\nmore merges that are not read\n";
    }

    private void RefusedAfter(Action<JsonNode> change, string expected)
    {
        var json = JsonNode.Parse(File.ReadAllText(Trained()))!;
        change(json);
        Refused(Folder.Write("changed.json", Encoding.UTF8.GetBytes(json.ToJsonString())), "changed.json: ", expected);
    }
}
