using System.IO.Compression;
using System.Text;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control;

/// <summary>Who may submit a job names files that the coordinator can read; no error may repeat what is in them.</summary>
public sealed class FileWordsTests : IDisposable
{
    private const string Secret = "xyzzy42";

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Files => new()
    {
        { "templates", Secret },
        { "templates", $"a photo of <{Secret}>" },
        { "templates", $"a ${{{Secret}}} photo" },
        { "config", $$$"""{"model_cfg": {"{{{Secret}}}": 1}}""" },
        { "config", $$$"""{"embed_dim": 1, "{{{Secret}}}": "{{{Secret}}}", "vision_cfg": {"{{{Secret}}}": 2}, "text_cfg": {}}""" },
        { "config", $$$"""{"{{{Secret}}}": 1""" },
        { "config", $$$"""{"embed_dim": "{{{Secret}}}", "vision_cfg": {"layers": "{{{Secret}}}"}, "text_cfg": {}}""" },
        { "tokenizer.json", $$$"""{"{{{Secret}}}": 1}""" },
        { "tokenizer.json", $$$"""{"model": {"type": "{{{Secret}}}", "end_of_word_suffix": ""}}""" },
        { "tokenizer.json", Secret },
        { "vocab.json", $$$"""{"{{{Secret}}}": "{{{Secret}}}"}""" },
        { "vocab.json", $$$"""{"{{{Secret}}}": 1, "b": 1, "<|startoftext|>": 2, "<|endoftext|>": 3}""" },
        { "merges.txt", Secret },
        { "merges.txt", $"{Secret} {Secret}" },
        { "merges.txt.gz", $"header\n{Secret}\n" },
    };

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Files))]
    public async Task SubmitJob_FileOfAnother_IsNotQuoted(string kind, string content)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec();
        spec.Data.Validation.Add(new SourceSpec { Name = "seen", Path = spec.Data.Train[0].Path });
        Use(spec, kind, content);
        foreach (bool validates in (bool[])[true, false])
        {
            var request = new SubmitJobRequest { Spec = spec, ValidateOnly = validates };
            var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.Control.SubmitJobAsync(request).ResponseAsync);
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Assert.Contains(folder.Path, refused.Status.Detail, StringComparison.Ordinal); // it is that file that is wrong
            Assert.DoesNotContain(Secret, $"{refused.Status} {refused.Trailers.Aggregate("", (all, one) => all + Text(one))}",
                StringComparison.Ordinal);
        }
    }

    private void Use(TrainingSpec spec, string kind, string content)
    {
        string file = folder.File(kind == "merges.txt.gz" ? "merges.gz" : kind);
        if (kind == "merges.txt.gz")
        {
            using var packed = new GZipStream(File.Create(file), CompressionLevel.Fastest);
            packed.Write(Encoding.UTF8.GetBytes(content));
        }
        else
        {
            File.WriteAllText(file, content);
        }
        switch (kind)
        {
            case "templates":
                File.WriteAllText(folder.File("classes"), "circle\nstar\n");
                spec.Evaluate = new EvaluateSpec { Zeroshot = new ZeroshotSpec { Classes = folder.File("classes"), Templates = file } };
                break;
            case "config":
                spec.Model = new ModelSpec { Config = file };
                break;
            case "vocab.json":
                File.WriteAllText(folder.File("merges.txt"), "a b\n");
                spec.Model.Tokenizer = folder.Path;
                break;
            case "merges.txt":
                File.WriteAllText(folder.File("vocab.json"), """{"a": 0, "b": 1, "<|startoftext|>": 2, "<|endoftext|>": 3}""");
                spec.Model.Tokenizer = folder.Path;
                break;
            default:
                spec.Model.Tokenizer = file;
                break;
        }
    }

    private static string Text(Metadata.Entry entry) => entry.IsBinary ? Encoding.UTF8.GetString(entry.ValueBytes) : entry.Value;
}
