using ClipDistributed.Contracts.Files;
using Parquet;
using Parquet.Schema;

namespace ClipDistributed.Training.Embedding;

/// <summary>Columns `id` (text) and `embedding` (list of float), a row group for every few thousand rows.</summary>
internal sealed class ParquetFeatureFile : IFeatureFile
{
    private const int RowsInGroup = 4096;

    private static readonly DataField Ids = new DataField<string>("id", nullable: false);
    // the form of lists that readers know: all of it optional
    private static readonly DataField Numbers = new DataField<float>("element", nullable: true);

    private readonly string path;
    private readonly int width;
    private readonly PendingOutput pending;
    private readonly FileStream file;
    private readonly ParquetWriter writer;
    private readonly List<string> heldIds = [];
    private readonly List<float> held = [];

    private ParquetFeatureFile(string path, int width, PendingOutput pending, FileStream file, ParquetWriter writer) =>
        (this.path, this.width, this.pending, this.file, this.writer) = (path, width, pending, file, writer);

    public static ParquetFeatureFile Create(string path, int width)
    {
        FileStream file = null!;
        var pending = PendingOutput.Create(path + ".partial", () => file = GuardedFile.OpenPartial(path + ".partial"));
        var schema = new ParquetSchema(Ids, new ListField("embedding", Numbers));
        return new ParquetFeatureFile(path, width, pending, file, ParquetWriter.CreateAsync(schema, file).GetAwaiter().GetResult());
    }

    public void Add(IReadOnlyList<string> ids, float[] features)
    {
        heldIds.AddRange(ids);
        held.AddRange(features);
        if (heldIds.Count >= RowsInGroup)
            WriteGroup();
    }

    public void Complete()
    {
        if (heldIds.Count > 0)
            WriteGroup();
        writer.DisposeAsync().AsTask().GetAwaiter().GetResult(); // writes the footer
        File.Move(path + ".partial", path);
        file.Dispose();
    }

    public void Dispose()
    {
        file.Dispose();
        pending.Dispose();
    }

    private void WriteGroup()
    {
        // 0 begins a list, 1 goes on with it.
        int[] levels = [.. Enumerable.Range(0, held.Count).Select(i => i % width == 0 ? 0 : 1)];
        using (var group = writer.CreateRowGroup())
        {
            group.WriteAsync(Ids, heldIds).GetAwaiter().GetResult();
            group.WriteAsync<float>(Numbers, held.Select(number => (float?)number).ToArray(), levels).GetAwaiter().GetResult();
        }
        heldIds.Clear();
        held.Clear();
    }
}
