using System.Text;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Tests.Tokens;

public sealed class VocabularyFilesTests : TokenizerFilesBase
{
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
            ClipTokenizer.Load(file is null ? Folder.File("two") : Path.Combine(Folder.File("two"), file)).EncodeUnpadded(caption)
        );
    }

    [Fact]
    public void Load_VocabularyOfRoberta_IsRefused()
    {
        WriteTwoFiles(Trained(), "<s>", "</s>");
        Refused(Folder.File("two"), "vocab.json", "<|startoftext|>", "not CLIP's vocabulary");
    }

    [Fact]
    public void Load_VocabularyWithoutEndsOfWords_IsRefused()
    {
        Directory.CreateDirectory(Folder.File("two"));
        File.WriteAllText(Folder.File("two/vocab.json"), """{"a": 0, "b": 1, "ab": 2, "<|startoftext|>": 3, "<|endoftext|>": 4}""");
        File.WriteAllText(Folder.File("two/merges.txt"), "#version: 0.2\na b\n");
        Refused(Folder.File("two"), "no symbol ends in </w>");
    }

    [Fact]
    public void Load_MergesWithABadLine_IsRefusedWithItsNumber()
    {
        WriteTwoFiles(Trained(), "<|startoftext|>", "<|endoftext|>");
        File.WriteAllText(Folder.File("two/merges.txt"), "#version: 0.2\na</w>\n");
        Refused(Folder.File("two"), "merges.txt: line 2");
    }
}
