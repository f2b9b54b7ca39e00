using ClipDistributed.Collectives;
using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Gradients;

/// <summary>
/// Sums gradients over replicas while backward goes on. The flat vector lies in the order in which backward completes it, so
/// whatever is complete is a beginning of it, and its all-reduce is started bucket by bucket, in one fixed order everywhere.
/// </summary>
public sealed class GradientBuckets : IDisposable
{
    /// <summary>25 MiB: large enough for the full rate of a network, small enough to begin early.</summary>
    public const long DefaultElements = 25 * 1024 * 1024 / sizeof(float);

    private readonly ICollective group;
    private readonly List<(int LastStage, Tensor Data)> buckets = [];
    private readonly List<ICollectiveWork> started = [];
    private readonly List<Tensor> sums = []; // of each bucket before its reduction

    /// <param name="slots">Of the parameters whose gradients <paramref name="flat"/> holds.</param>
    public GradientBuckets(IReadOnlyList<ParameterSlot> slots, Tensor flat, ICollective group, long bucketElements = DefaultElements)
    {
        this.group = group;
        long start = 0, end = 0;
        foreach (var stage in slots.GroupBy(slot => slot.Shape.Stage).OrderBy(stage => stage.Key))
        {
            end = stage.Max(slot => slot.Offset + slot.Padded);
            if (end - start >= bucketElements || end == flat.numel())
            {
                buckets.Add((stage.Key, flat.narrow(0, start, end - start).DetachFromDisposeScope()));
                start = end;
            }
        }
    }

    /// <summary>The number of all-reduces in a step.</summary>
    public int Count => buckets.Count;

    /// <summary>Backward has completed this stage and all before it, in this replica's last micro-batch.</summary>
    public void Complete(int stage)
    {
        while (started.Count < buckets.Count && buckets[started.Count].LastStage <= stage)
        {
            var data = buckets[started.Count].Data;
            if (group.World > 1)
                sums.Add(data.sum().DetachFromDisposeScope()); // added up when all are under way
            started.Add(group.StartAllReduce(data));
        }
    }

    /// <summary>Starts what is left and waits for all: the gradients are then those of the global batch.</summary>
    /// <returns>
    /// The sum of this replica's own gradients, a float64 scalar. One non-finite number makes it non-finite, and where a bucket's sum
    /// alone overflows the norm does too. 0 for a replica alone: its norm shows the same.
    /// </returns>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public Tensor Wait()
    {
        Complete(int.MaxValue);
        foreach (var work in started)
            work.Wait();
        started.Clear();
        using var scope = NewDisposeScope();
        var own = sums.Count == 0
            ? zeros([], ScalarType.Float64, buckets[0].Data.device)
            : stack(sums).to(ScalarType.Float64).sum(); // in float64 finite numbers stay so
        DropSums();
        return own.MoveToOuterDisposeScope();
    }

    private void DropSums()
    {
        foreach (var sum in sums)
            sum.Dispose();
        sums.Clear();
    }

    public void Dispose()
    {
        DropSums(); // of a step that broke off
        foreach (var (_, data) in buckets)
            data.Dispose();
    }
}
