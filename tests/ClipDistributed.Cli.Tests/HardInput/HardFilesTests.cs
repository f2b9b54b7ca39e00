using System.Text;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Processes;
using static ClipDistributed.Cli.Tests.HardInput.CommandEnds;

namespace ClipDistributed.Cli.Tests.HardInput;

/// <summary>
/// Files that are not what they claim, through every command that reads them: Parquet with a damaged footer or captions that are
/// lists, safetensors whose header lies.
/// </summary>
public sealed class HardFilesTests(TrainedDemo demo)
{
    [Theory]
    [InlineData("data", "inspect", "footer")]
    [InlineData("eval", "retrieval", "--data", "footer", "--model", "run/checkpoints/attempt-01/step-00000002")]
    [InlineData("train", "spec.yaml", "--set", "run_directory=footer-run", "--set", "data.train=[{path: footer}]")]
    [InlineData("tokenizer", "train", "footer", "--vocabulary", "512", "--out", "footer.json")]
    public void AnyReader_ParquetWithADamagedFooter_NamesTheFile(params string[] arguments)
    {
        WriteDamagedFooter("footer");
        var done = Clipd.Run(demo.Folder, arguments);
        AssertClear(done, exitCode: 2);
        string line = Assert.Single(done.ErrorLines);
        Assert.Contains($"{demo.Path("footer", "a.parquet")} is not a usable Parquet file (", line, StringComparison.Ordinal);
        Assert.EndsWith("; write or copy it again.", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(demo.Path("footer-run")) && File.Exists(demo.Path("footer-run", "run.json")));
    }

    [Fact]
    public void AnyReader_CaptionsThatAreLists_SaysTheSameSentence()
    {
        Directory.CreateDirectory(demo.Path("lists"));
        File.Copy(
            Fixtures.File("cases", "caption-list", "a.parquet"),
            demo.Path("lists", "a.parquet")
        );
        string[] data = ["--set", "data.train=[{path: lists}]"];
        string[][] commands =
        [
            ["data", "inspect", "lists"], ["data", "verify", "lists"], ["data", "plan", "--spec", "spec.yaml", .. data],
            ["spec", "check", "--data", "spec.yaml", .. data], ["train", "spec.yaml", "--set", "run_directory=lists-run", .. data],
            ["tokenizer", "train", "lists", "--out", "lists.json"], ["eval", "retrieval", "--data", "lists", "--model", demo.Model],
        ];
        var said = commands.Select(command => Clipd.Run(demo.Folder, command)).ToList();
        Assert.All(said, (done, i) => AssertClear(done, exitCode: commands[i][1] == "verify" ? 1 : 2));
        const string Refusal =
            "has no caption column under a usual name (caption, text, txt, captions, alt_text, …) that holds text: 'caption' holds "
            + "list<text>; ";
        string line = Assert.Single(
            said.Select(done =>
                    (done.Output + done.Errors)
                        .Split('\n')
                        .Select(line => line[Math.Max(0, line.IndexOf("has no caption", StringComparison.Ordinal))..])
                        .First(line => line.Contains("list<text>"))
                )
                .Distinct()
        );
        Assert.StartsWith(Refusal, line, StringComparison.Ordinal);
        Assert.Contains("Write a row for each caption", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a huge header", "", 1L << 62, "the header claims 4611686018427387904 bytes, the file has 16")]
    [InlineData(
        "overlap",
        """{"images":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"tokens":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}""",
        null,
        "ranges may neither overlap nor leave gaps"
    )]
    [InlineData(
        "a type that is none",
        """{"tokens":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}""",
        null,
        "tensor 'tokens' has the type 'F99'; known: F64, F32"
    )]
    [InlineData("a type that lies", """{"tokens":{"dtype":"I64","shape":[2],"data_offsets":[0,8]}}""", null, "tensor 'tokens'")]
    public void AnyReader_SafetensorsWhoseHeaderLies_SaysHow(string lie, string header, long? claimed, string expected)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] file = [.. BitConverter.GetBytes(claimed ?? text.Length), .. text, .. new byte[8]];
        string model = $"lying {lie}";
        CopyFolder(demo.Path(demo.Model), demo.Path(model));
        File.Delete(demo.Path(model, "checkpoint.json")); // its hashes would be compared first
        File.WriteAllBytes(demo.Path(model, "open_clip_model.safetensors"), file);
        File.WriteAllBytes(demo.Path("lying.in"), file);

        AssertRefused(demo.Run("embed", "--tensors", "lying.in", "--out", "lying.safetensors"), "lying.in", expected);
        AssertRefused(
            Clipd.Run(demo.Folder, "classify", "spec.yaml", "--labels", "a,b", "--model", model),
            "open_clip_model.safetensors",
            expected
        );
        AssertRefused(Clipd.Run(demo.Folder, "model", "info", model), "open_clip_model.safetensors", expected);
        AssertRefused(
            Clipd.Run(
                demo.Folder,
                "train",
                "spec.yaml",
                "--set",
                "run_directory=lying-run",
                "--set",
                $"model.init_from={model}",
                "--set",
                $"model.tokenizer={model}/tokenizer.json"
            ),
            "open_clip_model.safetensors",
            expected
        );
    }

    private void WriteDamagedFooter(string folder)
    {
        Directory.CreateDirectory(demo.Path(folder));
        byte[] file = File.ReadAllBytes(Directory.GetFiles(demo.Path("data", "train"), "*.parquet")[0]);
        file.AsSpan(file.Length - 8 - BitConverter.ToInt32(file, file.Length - 8), 20).Fill(0xFF);
        File.WriteAllBytes(demo.Path(folder, "a.parquet"), file);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
    }
}
