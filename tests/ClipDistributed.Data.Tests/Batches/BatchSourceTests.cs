using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Tests.Batches;

public sealed class BatchSourceTests : IDisposable
{
    private const int Global = 12, Context = 8, Size = 4;
    private static readonly ClipTokenizer Tokenizer = TokenizerTrainer.Train(["picture of"], 520, CleanMode.Lower);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Take_SoundRows_AreThoseOfTheOrder()
    {
        var manifest = await PictureDataset.WriteAsync(folder, [40, 23], rowsPerGroup: 8);
        var order = Order(manifest);
        var batches = Batches(manifest, firstStep: 1, lastStep: 11);
        for (int i = 0; i < batches.Count; i++)
        {
            Assert.Equal(i + 1, batches[i].Step);
            Assert.Equal(order.Rows(i + 1, new SlotRange(0, Global)), batches[i].Samples.Select(sample => sample.Planned));
            AssertContent(batches[i]);
            Assert.All(batches[i].Samples, sample => Assert.Equal(sample.Planned, sample.Used));
        }
    }

    [Fact]
    public async Task Take_DamagedRows_AreReplacedAsTheOrderSays()
    {
        var manifest = await DamagedAsync();
        var order = Order(manifest);
        int replaced = 0;
        foreach (var batch in Batches(manifest, firstStep: 1, lastStep: 5))
        {
            foreach (var sample in batch.Samples)
            {
                Assert.Equal(order.Rows(batch.Step, new SlotRange(sample.Slot, 1))[0], sample.Planned);
                Assert.Equal(
                    IsSound(sample.Planned) ? sample.Planned : order.Replacements(batch.Step, sample.Slot).First(IsSound),
                    sample.Used
                );
                replaced += sample.Used == sample.Planned ? 0 : 1;
            }
            AssertContent(batch);
        }
        Assert.InRange(replaced, 8, 30);
    }

    /// <summary>A generation may begin after the last step, to save and evaluate it: no shares are assigned to it.</summary>
    [Fact]
    public async Task Start_AfterTheLastStep_WaitsForNoShares()
    {
        var manifest = await PictureDataset.WriteAsync(folder, [40, 23], rowsPerGroup: 8);
        var order = Order(manifest);
        var reader = new SampleReader(manifest, order);
        var encoder = Encoder(reader, order);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var source = new BatchSource(
            reader,
            encoder,
            new BatchRange(new AssignedShares(TimeSpan.FromMilliseconds(1)), 0, 4, 3),
            new DecodingLimits(1, 1 << 20),
            bound.Token
        );
        Assert.False(bound.IsCancellationRequested);
    }

    [Theory]
    [InlineData(64, 4)]
    [InlineData(5, 1)]
    [InlineData(1, 3)]
    public async Task Take_AnyPiecesAndWorkers_GiveTheSameBatch(int pieceRows, int workers)
    {
        var manifest = await DamagedAsync();
        var expected = Batches(manifest, firstStep: 1, lastStep: 6, pieceRows: 12, workers: 2);
        AssertSame(expected, Batches(manifest, firstStep: 1, lastStep: 6, pieceRows, workers));
    }

    [Fact]
    public async Task Take_StartInTheMiddle_GivesTheBatchesFromThere()
    {
        var manifest = await DamagedAsync();
        AssertSame(Batches(manifest, firstStep: 1, lastStep: 8).Skip(4), Batches(manifest, firstStep: 5, lastStep: 8));
    }

    [Fact]
    public async Task Take_PartOfTheBatch_GivesThoseRowsOfIt()
    {
        var manifest = await DamagedAsync();
        var whole = Batches(manifest, firstStep: 3, lastStep: 3)[0];
        var part = Batches(manifest, firstStep: 3, lastStep: 3, share: new Share(new Shares([4, 5, Global - 9]), Rank: 1))[0];
        Assert.Equal(whole.Samples.Skip(4).Take(5), part.Samples);
        Assert.Equal(whole.Images.Skip(4).Take(5), part.Images);
        Assert.Equal(whole.Tokens.Skip(4 * Context).Take(5 * Context), part.Tokens);
    }

    [Fact]
    public async Task TakeRotated_WhileReadingGoesOn_IsTheNextRanksShare()
    {
        var manifest = await DamagedAsync();
        var (order, shares) = (Order(manifest), new Shares([4, 5, Global - 9]));
        var reader = new SampleReader(manifest, order);
        var encoder = Encoder(reader, order);
        using var source = new BatchSource(
            reader, encoder, new BatchRange(AssignedShares.Always(shares), 2, 1, 4), new DecodingLimits(2, 1 << 20, PieceRows: 3));
        for (long step = 1; step <= 4; step++)
        {
            var (taken, all) = source.Take();
            AssertSame(Batches(manifest, step, step, share: new Share(shares, Rank: 0)), [source.TakeRotated(taken, all)]);
            Assert.Equal([5, Global - 9, 4], all.Rotated().Rows);
        }
    }

    [Fact]
    public async Task TakeRotated_ReplicaAlone_IsItsOwn()
    {
        var manifest = await DamagedAsync();
        var order = Order(manifest);
        var reader = new SampleReader(manifest, order);
        var encoder = Encoder(reader, order);
        using var source = new BatchSource(reader, encoder, BatchRange.Whole(Global, 1, 1), new DecodingLimits(1, 1 << 20));
        var (taken, all) = source.Take();
        Assert.Same(taken, source.TakeRotated(taken, all));
    }

    [Fact]
    public async Task Digest_Replacement_ShowsInTheContentOnly()
    {
        using var other = new TemporaryFolder();
        var sound = await PictureDataset.WriteAsync(other, [40, 23], rowsPerGroup: 8);
        var before = Batches(sound, firstStep: 1, lastStep: 5).Select(DigestOf).ToArray();
        var damaged = Batches(await DamagedAsync(), firstStep: 1, lastStep: 5);
        for (int i = 0; i < before.Length; i++)
        {
            bool replaced = damaged[i].Samples.Any(sample => sample.Used != sample.Planned);
            Assert.Equal(before[i].Plan, DigestOf(damaged[i]).Plan);
            Assert.Equal(!replaced, before[i].Content == DigestOf(damaged[i]).Content);
        }
        Assert.Contains(damaged, batch => batch.Samples.Any(sample => sample.Used != sample.Planned));
    }

    private static bool IsTruncated(SampleId id) => id.Row % 5 == 3;

    private static bool HasNoCaption(SampleId id) => id.Row is 10 or 11;

    private static bool IsSound(SampleId id) => !IsTruncated(id) && !HasNoCaption(id);

    private Task<DatasetManifest> DamagedAsync() => PictureDataset.WriteAsync(folder, [40, 23], rowsPerGroup: 8, IsTruncated, HasNoCaption);

    private static StreamOrder Order(DatasetManifest manifest) =>
        new(manifest.RowsPerShard(), seed: 3, Global, streams: 4, shuffleBlock: 8);

    private static List<Batch> Batches(
        DatasetManifest manifest, long firstStep, long lastStep, int pieceRows = 7, int workers = 2, Share? share = null)
    {
        var order = Order(manifest);
        var reader = new SampleReader(manifest, order);
        var encoder = Encoder(reader, order);
        using var source = new BatchSource(
            reader,
            encoder,
            new BatchRange(AssignedShares.Always(share?.All ?? Shares.Even(Global, 1)), share?.Rank ?? 0, firstStep, lastStep),
            new DecodingLimits(workers, 1 << 20, pieceRows));
        var batches = new List<Batch>();
        for (long step = firstStep; step <= lastStep; step++)
            batches.Add(source.Take().Batch);
        return batches;
    }

    private static SampleEncoder Encoder(SampleReader reader, StreamOrder order) => new(
        reader, order, new EncoderSettings(Seed: 3, new TrainingTransform(Size), Tokenizer, Context, MaxImagePixels: 1000), _ => { });

    private static StepDigest DigestOf(Batch batch) =>
        batch
            .Samples.Select(sample => StepDigest.Of(sample.Slot, sample.Planned, sample.Used, sample.Crc))
            .Aggregate((left, right) => left + right);

    /// <summary>Pixels, token ids and checksum are those of the row that was used.</summary>
    private static void AssertContent(Batch batch)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            var used = batch.Samples[i].Used;
            Assert.Equal(PictureDataset.ColourOf(used).SelectMany(colour => Enumerable.Repeat(colour, Size * Size)), batch.Images[i]);
            int[] ids = new int[Context];
            Tokenizer.Encode(PictureDataset.CaptionOf(used), ids);
            Assert.Equal(ids, batch.Tokens.Skip(i * Context).Take(Context));
            Assert.Equal(StepDigest.Checksum(PictureDataset.ImageOf(used), PictureDataset.CaptionOf(used)), batch.Samples[i].Crc);
        }
    }

    private static void AssertSame(IEnumerable<Batch> expected, IEnumerable<Batch> actual)
    {
        foreach (var (left, right) in expected.Zip(actual, (left, right) => (left, right)))
        {
            Assert.Equal(left.Step, right.Step);
            Assert.Equal(left.Samples, right.Samples);
            Assert.Equal(left.Images, right.Images);
            Assert.Equal(left.Tokens, right.Tokens);
        }
        Assert.Equal(expected.Count(), actual.Count());
    }

    private sealed record Share(Shares All, int Rank);
}
