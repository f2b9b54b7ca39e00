using System.Diagnostics;
using ClipDistributed.Contracts.Files;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.HardInput;

/// <summary>A FIFO that nothing writes to, a device without end and a folder, wherever a command reads a file.</summary>
public sealed class PipesAndDevicesTests(DemoData demo) : IClassFixture<DemoData>
{
    public static TheoryData<string, string> Places => new()
    {
        { "shard", "data inspect {0}" },
        { "tokenizer", "tokenizer encode --tokenizer {0}" },
        { "texts", "tokenizer train {0} --out made.json" },
        { "image", "data preprocess {0} --out made.safetensors" },
        { "spec", "spec check {0}" },
        { "model config", "spec check spec.yaml --set model.config={0}" },
        { "class names", "train spec.yaml --set run_directory=made --set evaluate.zeroshot.classes={0}" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void AnyCommand_PipeOrDeviceInsteadOfAFile_IsRefusedInTime(string what, string command)
    {
        string fifo = demo.Path("pipe.txt"), zero = demo.Path("zero.txt");
        if (FileKinds.Of(fifo) == FileKind.Missing)
        {
            using var made = Process.Start("mkfifo", [fifo]);
            made.WaitForExit();
            File.CreateSymbolicLink(zero, "/dev/zero");
        }
        foreach (var (path, kind) in new[] { (fifo, "is a pipe"), (zero, "is a device") })
        {
            using var clipd = Clipd.StartThrough(
                ["timeout", "60"],
                demo.Folder,
                [.. command.Split(' ').Select(word => word.Replace("{0}", path, StringComparison.Ordinal))]
            );
            var result = clipd.Finish();
            Assert.True(result.ExitCode == 2, $"{what}: {result.ExitCode}: {result.Errors}");
            Assert.Contains(Path.GetFileName(path), result.Errors, StringComparison.Ordinal);
            Assert.Contains(kind, result.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
        }
        Assert.Empty(Directory.GetFileSystemEntries(demo.Folder, "made*"));
    }
}
