using ClipDistributed.TestKit.Files;
using ClipDistributed.TestKit.Mutations;

namespace ClipDistributed.Fuzz.Kinds;

/// <summary>A run that was stopped, with one of its own files damaged or replaced by something else, for the commands that look at it or go
/// on with it.</summary>
internal sealed class RunFilesKind : IFuzzKind
{
    private static readonly string Older = Fixtures.File("cases", "runs", "older");

    private const string Checkpoint = "checkpoints/attempt-01/step-00000010";

    private static readonly string[] Json =
    [
        "run.json",
        "poison-rows.json",
        "manifest.json",
        "metrics.jsonl",
        "events.jsonl",
        "open_clip_config.json",
        "tokenizer.json",
        $"{Checkpoint}/state.json",
        $"{Checkpoint}/checkpoint.json",
        $"{Checkpoint}/open_clip_config.json",
        $"{Checkpoint}/tokenizer.json",
    ];

    private static readonly string[] Places =
    [
        .. Json,
        "spec.yaml",
        $"{Checkpoint}/open_clip_model.safetensors",
        $"{Checkpoint}/optimizer.safetensors",
        "checkpoints",
        "checkpoints/attempt-01",
        Checkpoint,
        "coordinator.jsonl",
        "probe.json",
        "predictions.json",
        "tensorboard",
        "report.html",
        "checkpoints/attempt-02",
        "checkpoints/attempt-99999999999",
        "checkpoints/attempt-01/step-99999999999",
    ];

    private static readonly string[] Words =
    [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\u0000",
        "1e9",
        "-",
        "\"shard\": 5",
        "\"attempts\": []",
        "\"number\": 2",
        "\"step\": -1",
        "[1, 2, 3]",
        "../",
    ];

    public string Name => "runs";

    public void Write(string folder, int seed)
    {
        Copy(Older, folder);
        string run = Path.Combine(folder, "run");
        File.WriteAllText(Path.Combine(run, "poison-rows.json"), """[{"shard": 0, "row": 3}, {"shard": 0, "row": 17}]""" + "\n");
        switch (seed % 3)
        {
            case 0:
                FileShapes.Put(Path.Combine(run, Places[seed / 3 % Places.Length]), seed);
                break;
            case 1:
                Replace(Path.Combine(run, Json[seed / 3 % Json.Length]), sound => JsonShapes.Make(sound, seed));
                break;
            default:
                string file = Path.Combine(
                    run,
                    seed / 3 % (Json.Length + 1) < Json.Length ? Json[seed / 3 % (Json.Length + 1)] : "spec.yaml"
                );
                Replace(file, sound => MutatedText.Make(sound, Words, seed));
                break;
        }
    }

    public IEnumerable<string[]> Commands(string folder)
    {
        string run = Path.Combine(folder, "run");
        yield return ["checkpoint", "list", run];
        yield return ["run", "verify", run];
        yield return ["model", "info", Path.Combine(run, Checkpoint)];
        // As far as the program that holds tensors, which is not beside this one.
        yield return
        [
            "train",
            Path.Combine(folder, "spec.yaml"),
            "--resume",
            "--set",
            $"run_directory={run}",
            "--set",
            $"data.train[0].path={folder}/data/train",
            "--set",
            $"model.config={folder}/model.json",
        ];
    }

    private static void Replace(string file, Func<byte[], byte[]> change) => File.WriteAllBytes(file, change(File.ReadAllBytes(file)));

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
