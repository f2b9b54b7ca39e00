using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.Steps;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Steps;

/// <summary>A digest is of what entered the towers, not of what should have: each fault must change it.</summary>
public sealed class DigestTests
{
    private const int Rows = 12, Shard = 3;

    [Theory]
    [InlineData(Rows)]
    [InlineData(5)]
    public void Digest_SoundStep_IsThatOfThePlan(int microBatch) => Assert.Equal(Planned(), RunStep(Batch(), microBatch));

    [Theory]
    [InlineData(Rows)]
    [InlineData(5)]
    public void Digest_SwappedSpan_Differs(int microBatch)
    {
        // Rows that some other span would have given, in the right number.
        var swapped = Batch() with { Samples = [.. Batch().Samples.Select(row => row.Slot < 4 ? Sample(row.Slot, row.Slot + 100) : row)] };
        Assert.NotEqual(Planned(), RunStep(swapped, microBatch));
    }

    [Fact]
    public void Digest_SkippedRow_Differs() =>
        Assert.NotEqual(Planned(), RunStep(RepeatableTraining.Slice(Batch(), new SlotRange(0, Rows - 1)), microBatch: 5));

    [Fact]
    public void Digest_MicroBatchTwice_Differs()
    {
        using var scope = NewDisposeScope();
        var share = new MicroBatches(Batch(), 5, new PreprocessConfig(), CPU);
        for (int i = 0; i < share.Count; i++)
            _ = (share.Images(i), share.Texts(i, SampleModel.Config().TextCfg));
        Assert.Equal(Planned(), share.Digest().Plan);

        _ = (share.Images(1), share.Texts(1, SampleModel.Config().TextCfg));
        Assert.NotEqual(Planned(), share.Digest().Plan);
    }

    [Fact]
    public void Digest_PassesThatSawOtherRows_Throws()
    {
        using var scope = NewDisposeScope();
        var share = new MicroBatches(Batch(), 5, new PreprocessConfig(), CPU);
        using (no_grad())
            _ = share.Images(0);
        _ = share.Images(1);
        Assert.Contains(
            "saw different rows",
            Assert.Throws<InvalidOperationException>(() => share.Digest()).Message,
            StringComparison.Ordinal
        );
    }

    private static UInt128 RunStep(Batch batch, int microBatch)
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config());
        using var step = new OneReplica(new() { Optimizer = Specs.Optimizer() }, steps: 10, microBatch, model);
        return step.Run(batch).Digest.Plan;
    }

    private static UInt128 Planned() => StepDigest.OfPlan(0, [.. Enumerable.Range(0, Rows).Select(row => new SampleId(Shard, (ulong)row))]);

    private static Batch Batch() =>
        SampleBatch.Create(SampleModel.Config(), Rows, step: 1) with
        {
            Samples = [.. Enumerable.Range(0, Rows).Select(slot => Sample(slot, slot))],
        };

    private static BatchSample Sample(int slot, int row) => new(slot, new SampleId(Shard, (ulong)row), new SampleId(Shard, (ulong)row), 7);
}
