using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.Training.Evaluation;
using ClipDistributed.Training.Loss;

namespace ClipDistributed.Training.Memory;

/// <summary>The memory that a replica on processors will have used at its peak, by what uses it. Pure arithmetic.</summary>
/// <param name="Parts">Add up to <see cref="Total"/>, bytes each.</param>
public sealed record MemoryPlan(IReadOnlyList<MemoryPart> Parts)
{
    // libtorch's and .NET's own pages, compiled code, buffers of threads, and what allocators keep of what was freed. Measured as the
    // peak of the demo's 1,563 steps with their evaluations (677 to 710 MiB in all) less the other parts.
    private const long RuntimeBytes = 520L << 20;

    // The loss keeps so many logits of its first pass for the second, and works on tiles of this side.
    private const long KeptLogits = 1L << 24, Side = TileSide.OnProcessors, TilesAtWork = 2;

    private const long Float = sizeof(float);

    public long Total => Parts.Sum(part => part.Bytes);

    public static MemoryPlan Of(MemoryNeeds needs)
    {
        var model = needs.Model;
        var declaration = ModelDeclaration.Of(model);
        long elements = declaration.Count;
        long moments = needs.Optimizer == OptimizerName.Sgd ? 0 : 2 * elements;
        long share = (needs.GlobalBatch + needs.Replicas - 1) / needs.Replicas;
        long rows = Math.Min(share, needs.MicroBatch);
        long pixels = 3L * model.VisionCfg.ImageSize * model.VisionCfg.ImageSize;
        return new MemoryPlan(
        [
            Part("weights", elements * Float),
            Part("gradients", elements * Float),
            Part("optimizer", moments * Float),
            Part("checkpoint copy", (elements + moments) * Float),
            Part("activations", Towers(needs, declaration, rows, keepsBoth: share <= needs.MicroBatch)),
            Part("gather", 2 * (needs.GlobalBatch + 2 * share) * model.EmbedDim * Float),
            Part("loss", (2 * share * model.EmbedDim + Math.Min(KeptLogits, needs.GlobalBatch * share)
                + TilesAtWork * Math.Min(Side, needs.GlobalBatch) * Math.Min(Side, share)) * Float),
            Part("read-ahead", needs.ReadBytes + 3 * share * pixels), // the step's images and those of two steps ahead
            Part("held-out images", needs.HeldOutBytes),
            Part("runtime", RuntimeBytes),
        ]);
    }

    /// <summary>Refuses a run that will not fit.</summary>
    /// <param name="available">Bytes that this process may use in all.</param>
    /// <exception cref="BadInputException">With the arithmetic and what to change.</exception>
    public void Check(long available, int microBatch)
    {
        if (Total > available)
        {
            throw new BadInputException($"the run needs {Show(Total)} of memory on this host, which has {Show(available)} for it: "
                + $"{string.Join(" + ", Parts.OrderByDescending(part => part.Bytes).Select(part => $"{part.Name} {Show(part.Bytes)}"))}. "
                + $"Lower batch.micro (it is {microBatch}), batch.global or limits.read_ahead_bytes, take a smaller model, or a host with "
                + $"more memory.");
        }
    }

    /// <summary>As in <c>1.5 GiB</c>.</summary>
    public static string Show(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0} MiB");

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
        if (half) // every weight's cast sits in the graph; where micro-batches share it, the last one has casts of its own
            training += (keepsBoth ? 1 : 2) * model.Count * number;
        long evaluation = needs.Evaluates
            ? Math.Max(Features.ImagesAtOnce * image.WithoutGraph, Features.TextsAtOnce * text.WithoutGraph) * number
            : 0;
        return Math.Max(training, evaluation);
    }
}
