using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.TestKit.ParquetFiles;
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

    /// <summary>Shards whose names and values stand in errors, where those who run a command see them.</summary>
    public static TheoryData<string> Shards => new("name", "type", "value", "ending", "cut off");

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

    [Theory, MemberData(nameof(Shards))]
    public async Task SubmitJob_ShardsOfAnother_AreNotQuoted(string what)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec();
        spec.Data.Train[0].Path = Write(what);
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => coordinator.Control.SubmitJobAsync(new SubmitJobRequest { Spec = spec }).ResponseAsync);
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains(folder.Path, refused.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, $"{refused.Status} {refused.Trailers.Aggregate("", (all, one) => all + Text(one))}",
            StringComparison.Ordinal);
    }

    /// <summary>A spec is read again where a job goes on in a run directory.</summary>
    [Theory]
    [InlineData($"{Secret}: 1")]
    [InlineData($"{Secret}: 1\n{Secret}: 2")]
    [InlineData($"name: *{Secret}")]
    [InlineData($"name: !{Secret} demo")]
    public async Task ReadFile_Hidden_IsNotQuoted(string content)
    {
        File.WriteAllText(folder.File("spec.yaml"), content);
        var wrong = await Assert.ThrowsAsync<BadInputException>(() => Task.Run(() =>
        {
            FileWords.Hide(); // in this task alone, as a submission does
            SpecReader.ReadFile(folder.File("spec.yaml"), []);
        }));
        Assert.DoesNotContain(Secret, $"{wrong.Message} {string.Join(' ', wrong.Found)}", StringComparison.Ordinal);
    }

    /// <returns>The shard.</returns>
    private string Write(string what)
    {
        if (what is "ending" or "cut off")
        {
            string tar = folder.File("shard.tar");
            using (var writer = new TarWriter(File.Create(tar), TarEntryFormat.Pax))
            {
                string name = what == "ending" ? $"1.{Secret}" : $"{Secret}.jpg";
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[5000]) });
            }
            using var cut = File.OpenWrite(tar);
            cut.SetLength(what == "ending" ? cut.Length : 3000);
            return tar;
        }
        var file = new HandmadeParquet();
        string leaf = what == "value" ? "image" : Secret;
        var chunk = file.Chunk(leaf, 2, HandmadeParquet.SameValue(Encoding.UTF8.GetBytes($"{Secret}.jpg"), 2));
        var column = HandmadeParquet.Column(leaf, text: true);
        ThriftNode[] columns = what == "type" ? [HandmadeParquet.Column("image", children: 1), column] : [column];
        string shard = folder.File("shard.parquet");
        File.WriteAllBytes(shard, file.Finish(columns, [HandmadeParquet.Group(2, chunk)], roots: 1));
        return shard;
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
