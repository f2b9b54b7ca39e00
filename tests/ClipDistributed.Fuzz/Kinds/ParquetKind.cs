using ClipDistributed.TestKit.Mutations;
using ClipDistributed.TestKit.ParquetFiles;

namespace ClipDistributed.Fuzz.Kinds;

/// <summary>A Parquet file that lies about sizes, counts, places and depth, for the commands that read shards.</summary>
internal sealed class ParquetKind : IFuzzKind
{
    public string Name => "parquet";

    public void Write(string folder, int seed)
    {
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        File.WriteAllBytes(
            Path.Combine(folder, "data", "shard.parquet"),
            seed % 3 == 0 ? ParquetShapes.Make(seed) : LyingParquet.Make(seed)
        );
        File.WriteAllText(
            Path.Combine(folder, "spec.yaml"),
            $"{{name: fuzz, data: {{train: [{{path: {folder}/data}}]}}, model: {{preset: tiny}}, batch: {{global: 2}}}}"
        );
    }

    public IEnumerable<string[]> Commands(string folder)
    {
        string data = Path.Combine(folder, "data");
        yield return ["data", "verify", data];
        yield return ["data", "inspect", data];
        yield return ["spec", "check", Path.Combine(folder, "spec.yaml"), "--data"];
    }
}
