using ClipDistributed.Collectives;
using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Tensors;
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

    /// <summary>
    /// This replica's own gradients were finite in the last step. One non-finite number makes the sum non-finite, and where the
    /// sum alone overflows the norm does too. Always true for a replica alone: its norm shows the same.
    /// </summary>
    public bool WereFinite { get; private set; } = true;

    /// <summary>Backward has completed this stage and all before it, in this replica's last micro-batch.</summary>
    public void Complete(int stage)
    {
        while (started.Count < buckets.Count && buckets[started.Count].LastStage <= stage)
        {
            var data = buckets[started.Count].Data;
            if (group.World > 1)
                sums.Add(data.sum().DetachFromDisposeScope()); // read when all are under way: a GPU must not be waited for here
            started.Add(group.StartAllReduce(data));
        }
    }

    /// <summary>Starts what is left and waits for all: the gradients are then those of the global batch.</summary>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public void Wait()
    {
        Complete(int.MaxValue);
        foreach (var work in started)
            work.Wait();
        started.Clear();
        WereFinite = sums.Count == 0 || Array.TrueForAll(HostReads.Read([.. sums]), double.IsFinite);
        DropSums();
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
