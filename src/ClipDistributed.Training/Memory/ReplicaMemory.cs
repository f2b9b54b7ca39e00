using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.Training.Evaluation;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.Steps;
using TorchSharp;

namespace ClipDistributed.Training.Memory;

/// <summary>The memory that a replica will have used at its peak. Pure arithmetic.</summary>
/// <param name="Host">Of the host; of a replica on processors all that it uses.</param>
/// <param name="Gpu">Null: it computes on processors.</param>
public sealed record ReplicaMemory(MemoryPlan Host, MemoryPlan? Gpu)
{
    // libtorch's and .NET's own pages, compiled code, buffers of threads, and what allocators keep of what was freed. Measured as the
    // peak of the demo's 1,563 steps with their evaluations (677 to 710 MiB in all) less the other parts.
    private const long RuntimeBytes = 520L << 20;

    // What CUDA's libraries add to that, and what they take of the GPU: kernels, workspaces, NCCL's buffers. Not measured; generous.
    private const long CudaOnHostBytes = 3L << 30, CudaOnGpuBytes = 1L << 30;

    // Of what comes and goes on a GPU, libtorch's allocator cannot reuse every piece: so much more for it, as a divisor. Not measured.
    private const long FragmentationDivisor = 10;

    // The loss keeps so many logits of its first pass for the second, one tile at least, and works on tiles.
    private const long MinKeptLogits = 1L << 24, TilesAtWork = 2;

    internal const string Activations = "activations";

    private const long Float = sizeof(float);

    /// <summary>Of even shares.</summary>
    public static ReplicaMemory Of(MemoryNeeds needs) => Of(needs, Share(needs, needs.Replicas));

    private static ReplicaMemory Of(MemoryNeeds needs, long share)
    {
        var model = needs.Model;
        var declaration = ModelDeclaration.Of(model);
        long elements = declaration.Count;
        long moments = needs.Optimizer == OptimizerName.Sgd ? 0 : 2 * elements;
        long rows = Math.Min(share, needs.MicroBatch);
        long pixels = 3L * model.VisionCfg.ImageSize * model.VisionCfg.ImageSize;
        MemoryPart[] state =
        [
            Part("weights", elements * Float),
            Part("gradients", elements * Float),
            Part("optimizer", moments * Float),
        ];
        long side = TileSide.On(needs.GpuBytes is null ? DeviceType.CPU : DeviceType.CUDA, needs.GpuBytes);
        var copy = Part("checkpoint copy", (elements + moments) * Float);
        MemoryPart[] step =
        [
            Part(Activations, Towers(needs, declaration, rows, keepsBoth: share <= needs.MicroBatch)),
            Part("gather", 2 * (needs.GlobalBatch + 2 * share) * model.EmbedDim * Float),
            Part("loss", (2 * share * model.EmbedDim + Math.Min(Math.Max(MinKeptLogits, side * side), needs.GlobalBatch * share)
                + TilesAtWork * Math.Min(side, needs.GlobalBatch) * Math.Min(side, share)) * Float),
        ];
        MemoryPart[] data =
        [
            Part("read-ahead", needs.ReadBytes + 3 * share * pixels), // the step's images and those of two steps ahead
            Part("held-out images", needs.HeldOutBytes),
        ];
        if (needs.GpuBytes is null)
            return new ReplicaMemory(new MemoryPlan([.. state, copy, .. step, .. data, Part("runtime", RuntimeBytes)]), null);

        // A byte each, before they are normalised, and those that stay for the second pass.
        var images = Part("images", rows * pixels + Math.Min(share * pixels, MicroBatches.MaxKept(needs.GpuBytes)));
        // Stacked, then pinned, in pieces of which libtorch rounds the size up to twice as much; all may wait for the GPU at once.
        long staging = (3 * rows + 2 * share) * pixels;
        long reserve = CudaOnGpuBytes + (step.Sum(part => part.Bytes) + images.Bytes) / FragmentationDivisor;
        return new ReplicaMemory(
            new MemoryPlan([copy, Part("staging", staging), .. data, Part("runtime", RuntimeBytes + CudaOnHostBytes)]),
            new MemoryPlan([.. state, .. step, images, Part("reserve", reserve)]));
    }

    /// <summary>The largest of each memory that any number of replicas leads to: fewer have larger shares, more may keep the graphs of
    /// both towers.</summary>
    /// <param name="needs">But for the number of replicas.</param>
    public static ReplicaMemory Largest(MemoryNeeds needs, int maxReplicas)
    {
        // Every part shrinks with the share; only where the share becomes one micro-batch the activations grow.
        long whole = (needs.GlobalBatch + needs.MicroBatch - 1) / needs.MicroBatch;
        long least = Share(needs, Math.Min(whole, maxReplicas));
        // A GPU that has no memory left ends a step, and the share of a slow replica may shrink to one micro-batch at any time.
        if (needs.GpuBytes is not null && maxReplicas > 1)
            least = Math.Min(needs.GlobalBatch, needs.MicroBatch);
        ReplicaMemory[] candidates = [Of(needs, needs.GlobalBatch), Of(needs, least)];
        return new ReplicaMemory(
            candidates.MaxBy(memory => memory.Host.Total)!.Host,
            candidates.MaxBy(memory => memory.Gpu?.Total ?? 0)!.Gpu);
    }

    private static long Share(MemoryNeeds needs, long replicas) => (needs.GlobalBatch + replicas - 1) / replicas;

    private static MemoryPart Part(string name, long bytes) => new() { Name = name, Bytes = bytes };

    /// <summary>Backward takes the texts first; where a share is one micro-batch, the images' graph waits meanwhile.</summary>
    private static long Towers(MemoryNeeds needs, ModelDeclaration model, long rows, bool keepsBoth)
    {
        bool half = needs.Precision == Precision.Bfloat16;
        var (image, text) = (TowerMemory.Of(model.ImageMemory, half), TowerMemory.Of(model.TextMemory, half));
        long number = half ? Float / 2 : Float;
        // The gradient of the embedding table is as large as the table, and comes when the texts' graph is gone.
        long table = (long)needs.Model.TextCfg.VocabSize * needs.Model.TextCfg.Width * Float;
        long texts = Math.Max(rows * text.Peak * number, table);
        long training = keepsBoth
            ? Math.Max(rows * image.Kept * number + texts, Math.Max(rows * image.Peak * number, rows * (image.Kept + text.Peak) * number))
            : Math.Max(rows * image.Peak * number, texts);
        // Every weight's cast sits in the graph; where micro-batches share it, the last one has casts of its own. On a GPU a share may
        // shrink and grow.
        if (half)
            training += (keepsBoth && needs.GpuBytes is null ? 1 : 2) * model.Count * number;
        long evaluation = needs.Evaluates
            ? Math.Max(Features.ImagesAtOnce * image.WithoutGraph, Features.TextsAtOnce * text.WithoutGraph) * number
            : 0;
        return Math.Max(training, evaluation);
    }
}
