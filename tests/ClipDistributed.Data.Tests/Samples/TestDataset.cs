using System.Text;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using Parquet;
using Parquet.Schema;

namespace ClipDistributed.Data.Tests.Samples;

/// <summary>Parquet files whose rows say where they stand: image and caption of row r of shard s name both.</summary>
internal static class TestDataset
{
    public static byte[] ImageOf(SampleId id) => Encoding.ASCII.GetBytes($"image {id} {new string('x', (int)(id.Row % 7))}");

    public static string CaptionOf(SampleId id) => $"Bildunterschrift für {id}";

    /// <summary>One shard per element of <paramref name="rows"/>.</summary>
    public static async Task<DatasetManifest> WriteAsync(
        TemporaryFolder folder,
        int[] rows,
        int rowsPerGroup,
        Func<SampleId, bool>? withoutImage = null,
        Func<SampleId, bool>? withoutCaption = null
    )
    {
        for (uint shard = 0; shard < rows.Length; shard++)
        {
            await using var writer = new ParquetShardWriter(folder.Path, $"shard-{shard}", rowsPerShard: 1000, rowsPerGroup);
            for (ulong row = 0; row < (ulong)rows[shard]; row++)
            {
                var id = new SampleId(shard, row);
                await writer.AddAsync(
                    withoutImage?.Invoke(id) == true ? null : ImageOf(id),
                    withoutCaption?.Invoke(id) == true ? null : CaptionOf(id)
                );
            }
        }
        return ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]);
    }

    /// <summary>Damages a file in place.</summary>
    public static void Overwrite(string path, int at, int count)
    {
        using var file = File.OpenWrite(path);
        file.Position = at;
        file.Write(Enumerable.Repeat((byte)0xFF, count).ToArray());
    }

    /// <summary>A file with any columns: each a field and what writes it.</summary>
    public static Task WriteFileAsync(string path, params (Field Field, Func<ParquetRowGroupWriter, Task> Write)[] columns) =>
        WriteFileAsync(path, CompressionMethod.Snappy, columns);

    public static async Task WriteFileAsync(
        string path,
        CompressionMethod compression,
        params (Field Field, Func<ParquetRowGroupWriter, Task> Write)[] columns
    )
    {
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(columns.Select(column => column.Field)),
            file,
            new ParquetOptions { CompressionMethod = compression }
        );
        using var group = writer.CreateRowGroup();
        foreach (var (_, write) in columns)
            await write(group);
    }
}
