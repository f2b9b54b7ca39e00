using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Preparation;

/// <summary>What a spec leaves open and its data decides. Never depends on the hosts.</summary>
/// <param name="Rows">Rows of the training data.</param>
/// <param name="ShuffleBlock">Rows of a block inside which a stream is shuffled.</param>
/// <param name="Steps">The last step of the run: ⌈samples / global batch⌉.</param>
/// <param name="StepsPerEpoch">K = ⌊rows / global batch⌋.</param>
/// <param name="LeftOver">Rows that an epoch leaves out.</param>
public sealed record RunPlan(long Rows, int GlobalBatch, int Streams, int ShuffleBlock, long Steps, long StepsPerEpoch, long LeftOver)
{
    /// <param name="spec">With all its values filled in.</param>
    /// <exception cref="Contracts.Errors.BadInputException">The batch does not fit the data, or the streams do not divide it.</exception>
    public static RunPlan Resolve(TrainingSpec spec, DatasetManifest manifest)
    {
        var order = Order(spec, manifest);
        return new RunPlan(
            order.TotalRows, order.GlobalBatch, order.Streams, order.ShuffleBlock, StepsOf(spec), order.StepsPerEpoch, order.LeftOver);
    }

    /// <summary>The last step of the run.</summary>
    /// <param name="spec">With all its values filled in.</param>
    public static long StepsOf(TrainingSpec spec) => (long)((spec.Samples + spec.Batch.Global - 1) / spec.Batch.Global);

    /// <summary>The order of samples of a run.</summary>
    public static StreamOrder Order(TrainingSpec spec, DatasetManifest manifest)
    {
        int global = checked((int)spec.Batch.Global);
        int streams = spec.Batch.HasStreams ? checked((int)spec.Batch.Streams) : StreamOrder.DefaultStreams(global);
        int block = spec.Data.HasShuffleBlock ? checked((int)spec.Data.ShuffleBlock) : checked((int)manifest.LargestBlock);
        return new StreamOrder(manifest.RowsPerShard(), spec.Seed, global, streams, block);
    }
}
