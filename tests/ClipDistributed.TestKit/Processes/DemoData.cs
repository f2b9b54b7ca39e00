using ClipDistributed.TestKit.ParquetFiles;

namespace ClipDistributed.TestKit.Processes;

/// <summary>A small rendered data set and a spec that trains 24 steps on it, in a folder of their own.</summary>
public sealed class DemoData : IDisposable
{
    public const int Steps = 24;

    // By their paths below the folder.
    private static readonly Lazy<IReadOnlyList<(string Path, byte[] Bytes)>> Rendered = new(Render);

    public DemoData()
    {
        foreach (var (path, bytes) in Rendered.Value)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(path))!);
            File.WriteAllBytes(Path(path), bytes);
        }
        File.WriteAllText(Path("model.json"), """
            {"embed_dim": 32, "vision_cfg": {"image_size": 32, "patch_size": 8, "width": 32, "layers": 2, "head_width": 16},
             "text_cfg": {"context_length": 16, "vocab_size": 512, "width": 32, "heads": 2, "layers": 2}}
            """);
        File.WriteAllText(Path("spec.yaml"), $$"""
            name: test
            data: {train: [{path: data/train}], validation: [{path: data/seen}]}
            model: {preset: tiny, config: model.json}
            batch: {global: 64, micro: 32}
            samples: {{64 * Steps}}
            optimizer: {warmup_steps: 4, lr: 0.002}
            checkpoint: {every_steps: 5, keep: 3}
            evaluate: {every_steps: 10, zeroshot: {classes: data/classes.txt, templates: data/templates.txt} }
            run_directory: run
            """);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("clipd-test-").FullName;

    public string Path(params string[] parts) => System.IO.Path.Combine([Folder, .. parts]);

    /// <summary>Writes the training rows again, some of them damaged.</summary>
    public Task WriteDamagedAsync(string folder) => DamagedCopy.WriteAsync(Path("data", "train"), Path(folder));

    /// <summary>The bytes of a run's last weights.</summary>
    public byte[] FinalWeights(string run, int attempt) =>
        File.ReadAllBytes(Path(run, "checkpoints", $"attempt-{attempt:00}", $"step-{Steps:00000000}", "open_clip_model.safetensors"));

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Once for all that a process makes.</summary>
    private static IReadOnlyList<(string Path, byte[] Bytes)> Render()
    {
        string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;
        try
        {
            var made = Clipd.Run(folder, "data", "shapes", "data", "--train", "1000", "--validation", "192", "--size", "32");
            Assert.True(made.ExitCode == 0, made.Errors);
            return
            [
                .. Directory
                    .GetFiles(folder, "*", SearchOption.AllDirectories)
                    .Select(file => (System.IO.Path.GetRelativePath(folder, file), File.ReadAllBytes(file))),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
