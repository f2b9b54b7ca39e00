using ClipDistributed.Benchmarks.Gpu.Running;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>Runs of clipd on the device: one that needs more memory than there is, is refused; one that is killed goes on.</summary>
internal static class MemoryCheck
{
    public static IEnumerable<GpuCheck> Of(GpuOptions options) =>
        [new("memory", TimeSpan.FromMinutes(5), report => Run(options, report))];

    private static void Run(GpuOptions options, CheckReport report)
    {
        if (!File.Exists(options.Clipd))
            throw new BadInputException($"{options.Clipd} is not there; build it with `make build`, or give its path with --clipd.");
        Clipd.Program = options.Clipd;
        report.Phase("making data");
        using var data = new DemoData();
        string[] libTorch = options.LibTorchFolder is { } folder ? ["--libtorch", folder] : [];
        string[] device = options.IsCpu ? [] : ["--device", options.Device];
        string[] common = ["--threads", "1", .. libTorch, .. device];
        Refuse(options, data, common, report);
        KillAndResume(data, common, report);
    }

    /// <summary>A tower as ViT-L-14's for images of 448 pixels, 512 of them at once: about 400 GB of activations in bfloat16.</summary>
    private static void Refuse(GpuOptions options, DemoData data, string[] common, CheckReport report)
    {
        report.Phase("more memory than there is");
        File.WriteAllText(data.Path("large.json"), """
            {"embed_dim": 768, "vision_cfg": {"image_size": 448, "patch_size": 14, "width": 1024, "layers": 24},
             "text_cfg": {"context_length": 16, "vocab_size": 512, "width": 768, "heads": 12, "layers": 12}}
            """);
        File.WriteAllText(data.Path("large.yaml"), """
            name: large
            data: {train: [{path: data/train}]}
            model: {preset: tiny, config: large.json}
            precision: bfloat16
            batch: {global: 512, micro: 512}
            samples: 5120
            run_directory: large
            """);
        string[] limit = options.IsCpu ? ["--memory", "2000"] : [];
        var refused = Clipd.Run(data.Folder, ["train", "large.yaml", .. limit, .. common]);
        report.Set("refused_with", refused.ExitCode);
        report.Set("refused_because", refused.Errors.Trim());
        report.Require(refused.ExitCode == ExitCodes.BadInput, $"a run that does not fit ends with {refused.ExitCode}");
        report.Require(refused.ErrorLines.Length == 1, "the refusal is not one line");
    }

    private static void KillAndResume(DemoData data, string[] common, CheckReport report)
    {
        string[] train = ["train", "spec.yaml", "--json", .. common];
        report.Phase("a run until it is killed");
        using (var killed = Clipd.Start(data.Folder, train))
        {
            killed.WaitForRecord("checkpoint");
            killed.Kill();
        }
        report.Phase("its resume");
        var resumed = Clipd.Run(data.Folder, [.. train, "--resume"]);
        report.Require(resumed.ExitCode == ExitCodes.Done, $"the resume ends with {resumed.ExitCode}: {resumed.Errors.Trim()}");
        var directory = new RunDirectory(data.Path("run"));
        var lines = File.ReadLines(directory.Metrics);
        StepMetrics[] steps = [.. lines.Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>()];
        report.Set("steps", steps.Length);
        report.Set("attempts", RunInfo.Load(directory.Info).Attempts.Count);
        report.Require(
            steps.Select(step => step.Step).SequenceEqual(Enumerable.Range(1, DemoData.Steps).Select(step => (long)step)),
            $"the steps are {string.Join(", ", steps.Select(step => step.Step))}");
        report.Require(steps.All(step => step.Applied && double.IsFinite(step.Loss)), "a loss is non-finite");
    }
}
