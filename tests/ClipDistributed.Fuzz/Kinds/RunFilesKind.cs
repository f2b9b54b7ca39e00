using ClipDistributed.TestKit.Mutations;

namespace ClipDistributed.Fuzz.Kinds;

/// <summary>A run that was stopped, with one of its own files damaged, for the commands that look at it or go on with it.</summary>
internal sealed class RunFilesKind : IFuzzKind
{
    private static readonly string Older = Path.Combine(AppContext.BaseDirectory, "fixtures", "cases", "runs", "older");

    private static readonly string[] Files =
        ["run.json", "condemned.json", "manifest.json", "spec.yaml", "metrics.jsonl", "events.jsonl", "open_clip_config.json", "tokenizer.json", "checkpoints/attempt-01/step-00000010/state.json", "checkpoints/attempt-01/step-00000010/checkpoint.json"];

    private static readonly string[] Words = ["{", "}", "[", "]", ",", ":", "\"", "\\u0000", "1e9", "-", "\"shard\": 5", "\"attempts\": []", "\"number\": 2", "\"step\": -1", "[1, 2, 3]", "../"];

    public string Name => "runs";

    public void Write(string folder, int seed)
    {
        Copy(Older, folder);
        string run = Path.Combine(folder, "run");
        File.WriteAllText(Path.Combine(run, "condemned.json"), """[{"shard": 0, "row": 3}, {"shard": 0, "row": 17}]""" + "\n");
        string file = Path.Combine(run, Files[seed % Files.Length]);
        File.WriteAllBytes(file, MutatedText.Make(File.ReadAllBytes(file), Words, seed));
    }

    public IEnumerable<string[]> Commands(string folder)
    {
        string run = Path.Combine(folder, "run");
        yield return ["checkpoint", "list", run];
        yield return ["run", "verify", run];
        yield return ["model", "info", Path.Combine(run, "checkpoints", "attempt-01", "step-00000010")];
        // As far as the program that holds tensors, which is not beside this one.
        yield return ["train", Path.Combine(folder, "spec.yaml"), "--resume", "--set", $"run_directory={run}", "--set", $"data.train[0].path={folder}/data/train", "--set", $"model.config={folder}/model.json"];
    }

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
