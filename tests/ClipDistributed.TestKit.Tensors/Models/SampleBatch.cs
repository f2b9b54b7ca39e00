using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.TestKit.Tensors.Models;

/// <summary>Random pixels and texts in the shape that a model takes.</summary>
public static class SampleBatch
{
    /// <param name="step">Seeds the content as well, so that each step sees other samples.</param>
    public static Batch Create(ModelConfig config, int rows, long step)
    {
        var random = new Random((int)step);
        int side = config.VisionCfg.ImageSize, context = config.TextCfg.ContextLength;
        byte[] images = new byte[rows * 3 * side * side];
        random.NextBytes(images);
        int[] lengths = [.. Enumerable.Range(0, rows).Select(_ => random.Next(2, context + 1))];
        var samples = Enumerable
            .Range(0, rows)
            .Select(slot => new BatchSample(slot, new SampleId(0, (ulong)slot), new SampleId(0, (ulong)slot), 0));
        return new Batch(step, [.. samples], images, side, SampleModel.Texts(config.TextCfg, random, lengths), context);
    }
}
