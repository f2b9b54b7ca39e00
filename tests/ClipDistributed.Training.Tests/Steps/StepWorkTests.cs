using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.Training.Steps;

namespace ClipDistributed.Training.Tests.Steps;

public sealed class StepWorkTests
{
    private static readonly ModelConfig Config = ModelPresets.Find("ViT-B-32")!.Model;
    private static readonly ModelDeclaration Declared = ModelDeclaration.Of(Config);

    private readonly StepWork work = new(Config, Declared);

    [Fact]
    public void Of_Share_IsThreeForwardPassesOfItsImagesAndItsTextsUpToTheirEnds()
    {
        double forward = 2 * Declared.ImageFlops + Declared.TextFlops(3) + Declared.TextFlops(77);
        Assert.Equal(3 * forward, work.Of(Share(end: [2, 76]), globalBatch: 2)!.Value, forward * 1e-12);
        Assert.Equal(12 * forward, work.Of(Share(end: [2, 76]), globalBatch: 8)!.Value, forward * 1e-12);
    }

    [Fact]
    public void Of_EmptyShare_IsNotKnown() => Assert.Null(work.Of(Share(end: []), globalBatch: 2));

    /// <param name="end">The place of each text's end, whose id is the largest.</param>
    private static Batch Share(params int[] end)
    {
        var tokens = new int[end.Length * 77];
        for (int row = 0; row < end.Length; row++)
            tokens[row * 77 + end[row]] = 49_407;
        BatchSample[] samples = [.. end.Select((_, row) => new BatchSample(row, default, default, 0))];
        return new Batch(1, samples, [.. end.Select(_ => Array.Empty<byte>())], 224, tokens, 77);
    }
}
