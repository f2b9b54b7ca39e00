using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Tests.Tokens;

/// <summary>Files of tokenizers that other programs write.</summary>
public abstract class TokenizerFilesBase : IDisposable
{
    protected TemporaryFolder Folder { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void WriteTwoFiles(string tokenizer, string start, string end)
    {
        Directory.CreateDirectory(Folder.File("two"));
        var model = JsonNode.Parse(File.ReadAllText(tokenizer))!["model"]!;
        var vocabulary = model["vocab"]!.AsObject();
        foreach (var (old, name) in new[] { ("<start_of_text>", start), ("<end_of_text>", end) })
        {
            vocabulary[name] = vocabulary[old]!.DeepClone();
            vocabulary.Remove(old);
        }
        File.WriteAllText(Folder.File("two/vocab.json"), vocabulary.ToJsonString());
        File.WriteAllLines(
            Folder.File("two/merges.txt"),
            model["merges"]!.AsArray().Select(merge => merge!.GetValue<string>()).Prepend("#version: 0.2")
        );
    }

    protected static void Refused(string path, params string[] parts)
    {
        var bad = Assert.Throws<BadInputException>(() => ClipTokenizer.Load(path));
        Assert.All(bad.Errors, error => Assert.DoesNotContain('\n', error));
        Assert.All(parts, part => Assert.Contains(part, bad.Message));
    }

    protected string Trained()
    {
        TokenizerTrainer.Train(TokenizerFixtures.Captions(), 600, CleanMode.Lower).Save(Folder.File("trained.json"));
        return Folder.File("trained.json");
    }
}
