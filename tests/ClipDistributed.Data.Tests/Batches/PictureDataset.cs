using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Batches;

/// <summary>Real pictures: each row has one of a single colour, which says where it stands.</summary>
internal static class PictureDataset
{
    private const int Side = 8;

    public static byte[] ImageOf(SampleId id) =>
        PngBytes.Write(Side, Side, 8, 2, [.. Enumerable.Repeat(ColourOf(id), Side * Side).SelectMany(colour => colour)]);

    /// <summary>Red, green, blue; different for the first 250 rows of the first 250 shards.</summary>
    public static byte[] ColourOf(SampleId id) => [(byte)id.Row, (byte)id.Shard, 90];

    public static string CaptionOf(SampleId id) => $"picture {id.Row} of {id.Shard}";

    /// <param name="rows">One shard per element.</param>
    /// <param name="truncated">Rows whose image ends too soon.</param>
    /// <param name="withoutCaption">Rows whose caption is null.</param>
    /// <param name="labelOf">The class of a row; null: the shards have no labels.</param>
    public static async Task<DatasetManifest> WriteAsync(TemporaryFolder folder, int[] rows, int rowsPerGroup,
        Func<SampleId, bool>? truncated = null, Func<SampleId, bool>? withoutCaption = null, Func<SampleId, int>? labelOf = null)
    {
        for (uint shard = 0; shard < rows.Length; shard++)
        {
            await using var writer = new ParquetShardWriter(
                folder.Path,
                $"shard-{shard}",
                1000,
                rowsPerGroup,
                new WrittenColumns(Label: labelOf is null ? null : "label")
            );
            for (ulong row = 0; row < (ulong)rows[shard]; row++)
            {
                var id = new SampleId(shard, row);
                byte[] image = ImageOf(id);
                await writer.AddAsync(
                    truncated?.Invoke(id) == true ? image[..40] : image,
                    withoutCaption?.Invoke(id) == true ? null : CaptionOf(id),
                    labelOf?.Invoke(id)
                );
            }
        }
        return ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]);
    }
}
