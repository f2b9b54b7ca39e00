using System.Text;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Tests.Tokens;

public sealed class VocabularyFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    public void Load_VocabularyAndMerges_AreThoseOfTheTokenizerJson(string? file)
    {
        string plain = Trained(), caption = TokenizerFixtures.Captions()[7];
        WriteTwoFiles(plain, "<|startoftext|>", "<|endoftext|>");
        Assert.Equal(
            ClipTokenizer.Load(plain).EncodeUnpadded(caption),
            ClipTokenizer.Load(file is null ? folder.File("two") : Path.Combine(folder.File("two"), file)).EncodeUnpadded(caption)
        );
    }

    [Fact]
    public void Load_VocabularyOfRoberta_IsRefused()
    {
        WriteTwoFiles(Trained(), "<s>", "</s>");
        Refused(folder.File("two"), "vocab.json", "<|startoftext|>", "not CLIP's vocabulary");
    }

    [Fact]
    public void Load_VocabularyWithoutEndsOfWords_IsRefused()
    {
        Directory.CreateDirectory(folder.File("two"));
        File.WriteAllText(folder.File("two/vocab.json"), """{"a": 0, "b": 1, "ab": 2, "<|startoftext|>": 3, "<|endoftext|>": 4}""");
        File.WriteAllText(folder.File("two/merges.txt"), "#version: 0.2\na b\n");
        Refused(folder.File("two"), "no symbol ends in </w>");
    }

    [Fact]
    public void Load_MergesWithABadLine_IsRefusedWithItsNumber()
    {
        WriteTwoFiles(Trained(), "<|startoftext|>", "<|endoftext|>");
        File.WriteAllText(folder.File("two/merges.txt"), "#version: 0.2\na</w>\n");
        Refused(folder.File("two"), "merges.txt: line 2");
    }

    private void WriteTwoFiles(string tokenizer, string start, string end)
    {
        Directory.CreateDirectory(folder.File("two"));
        var model = JsonNode.Parse(File.ReadAllText(tokenizer))!["model"]!;
        var vocabulary = model["vocab"]!.AsObject();
        foreach (var (old, name) in new[] { ("<start_of_text>", start), ("<end_of_text>", end) })
        {
            vocabulary[name] = vocabulary[old]!.DeepClone();
            vocabulary.Remove(old);
        }
        File.WriteAllText(folder.File("two/vocab.json"), vocabulary.ToJsonString());
        File.WriteAllLines(
            folder.File("two/merges.txt"),
            model["merges"]!.AsArray().Select(merge => merge!.GetValue<string>()).Prepend("#version: 0.2")
        );
    }

    private static void Refused(string path, params string[] parts)
    {
        var bad = Assert.Throws<BadInputException>(() => ClipTokenizer.Load(path));
        Assert.All(bad.Errors, error => Assert.DoesNotContain('\n', error));
        Assert.All(parts, part => Assert.Contains(part, bad.Message));
    }

    private string Trained()
    {
        TokenizerTrainer.Train(TokenizerFixtures.Captions(), 600, CleanMode.Lower).Save(folder.File("trained.json"));
        return folder.File("trained.json");
    }
}
