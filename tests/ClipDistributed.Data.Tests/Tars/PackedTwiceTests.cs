using System.Formats.Tar;
using System.Text;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tests.Batches;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Tests.Tars;

/// <summary>The same samples in Parquet files and in tars, in the same shards.</summary>
public sealed class PackedTwiceTests : IDisposable
{
    private const int Global = 12, Context = 8, Size = 4;
    private static readonly ClipTokenizer Tokenizer = TokenizerTrainer.Train(["picture of"], 520, CleanMode.Lower);

    private readonly TemporaryFolder parquet = new(), tars = new();

    public void Dispose()
    {
        parquet.Dispose();
        tars.Dispose();
    }

    [Fact]
    public async Task Take_TarsInPlaceOfParquetFiles_GiveTheSameBatchesAndDigests()
    {
        var first = await PictureDataset.WriteAsync(
            parquet, [40, 23, 1], rowsPerGroup: 1024, id => id.Row % 5 == 3, id => id.Row is 10 or 11);
        Repack(first);
        var second = ManifestBuilder.Build([new SourceSpec { Path = tars.File("{0..2}.tar") }]);
        Assert.Equal(first.RowsPerShard(), second.RowsPerShard());
        Assert.Equal(first.LargestBlock, second.LargestBlock);

        var (expected, actual) = (Batches(first, 1, 12), Batches(second, 1, 12));
        Assert.Equal(expected.Select(DigestOf), actual.Select(DigestOf));
        AssertSame(expected, actual);
        Assert.Contains(actual, batch => batch.Samples.Any(sample => sample.Used != sample.Planned));
        AssertSame(expected.Skip(7), Batches(second, 8, 12)); // sought
    }

    private void Repack(DatasetManifest manifest)
    {
        foreach (var (number, shard) in manifest.Shards.Index())
        {
            using var writer = new TarWriter(File.Create(tars.File($"{number}.tar")), TarEntryFormat.Pax);
            for (int block = 0; block < shard.Blocks.Count; block++)
            {
                var rows = BlockReading.ReadOnce(shard, block);
                for (int row = 0; row < rows.Rows; row++)
                {
                    Add(writer, $"{block:D3}{row:D6}.png", rows.Images[row]!);
                    if (rows.Captions[row] is { } caption)
                        Add(writer, $"{block:D3}{row:D6}.txt", Encoding.UTF8.GetBytes(caption));
                }
            }
        }
    }

    private static void Add(TarWriter writer, string name, byte[] bytes) =>
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });

    private static List<Batch> Batches(DatasetManifest manifest, long firstStep, long lastStep)
    {
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, Global, streams: 4, shuffleBlock: (int)manifest.LargestBlock);
        var reader = new SampleReader(manifest, order);
        var settings = new EncoderSettings(Seed: 3, new TrainingTransform(Size), Tokenizer, Context, MaxImagePixels: 1000);
        using var source = new BatchSource(
            reader, new SampleEncoder(reader, order, settings, _ => { }), BatchRange.Whole(Global, firstStep, lastStep),
            new DecodingLimits(2, 1 << 20));
        var batches = new List<Batch>();
        for (long step = firstStep; step <= lastStep; step++)
            batches.Add(source.Take().Batch);
        return batches;
    }

    private static StepDigest DigestOf(Batch batch) => batch.Samples
        .Select(sample => StepDigest.Of(sample.Slot, sample.Planned, sample.Used, sample.Crc)).Aggregate((left, right) => left + right);

    private static void AssertSame(IEnumerable<Batch> expected, IEnumerable<Batch> actual)
    {
        Assert.Equal(expected.Count(), actual.Count());
        foreach (var (left, right) in expected.Zip(actual))
        {
            Assert.Equal(left.Samples, right.Samples);
            Assert.Equal(left.Images, right.Images);
            Assert.Equal(left.Tokens, right.Tokens);
        }
    }
}
