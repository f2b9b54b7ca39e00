using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Model;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Steps;

public sealed class CachedTowersTests
{
    private const int Rows = 10;

    [Theory]
    [InlineData("vit_quickgelu", 1)]
    [InlineData("vit_quickgelu", 3)] // with a remainder of one row
    [InlineData("vit_quickgelu", 7)]
    [InlineData("siglip_map", 3)]
    [InlineData("eva02", 3)]
    public void Backward_MicroBatches_GiveTheGradientsOfOnePass(string name, int microBatch)
    {
        using var scope = NewDisposeScope();
        using var weights = SafetensorsFile.Open(Fixtures.File($"models/{name}.weights.safetensors"));
        using var model = new ClipModel(Golden.Model($"models/{name}.json"), CPU);
        Golden.Load(model.Parameters, weights);
        using var gradients = new GradientBuffer(model.Parameters);
        var batch = SampleBatch.Create(model.Config, Rows, step: 1);

        var (whole, wholeEmbeddings) = Backward(model, gradients, batch, Rows);
        var (cached, cachedEmbeddings) = Backward(model, gradients, batch, microBatch);

        Golden.AssertClose(wholeEmbeddings.Images, cachedEmbeddings.Images, 2e-6, 0, "image embeddings");
        Golden.AssertClose(wholeEmbeddings.Texts, cachedEmbeddings.Texts, 2e-6, 0, "text embeddings");
        foreach (var slot in model.Parameters.Slots)
        {
            var expected = slot.View(whole);
            double largest = expected.abs().max().ToDouble();
            Assert.True(
                largest > 0 || slot.Shape.Name.StartsWith("logit_", StringComparison.Ordinal),
                $"{slot.Shape.Name} has no gradient"
            );
            Golden.AssertClose(expected, slot.View(cached), Math.Max(1e-5 * largest, 1e-7), 0, slot.Shape.Name);
        }
    }

    [Fact]
    public async Task Backward_ListenerThrows_ThrowsAfterwardsAndTheProcessLives()
    {
        using var member = new MemberProcess("throwing-hook");
        Assert.Equal(
            ["caught all-reduce failed in generation 1: stage 2 after 1 call", "stages 2 3 4 5 7 8 9 10"],
            await member.EndAsync()
        );
    }

    [Fact]
    public void Embed_SeveralMicroBatches_KeepsNoGraph()
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config());
        var share = new MicroBatches(SampleBatch.Create(model.Config, Rows, step: 1), 4, new PreprocessConfig(), CPU);
        using var towers = new CachedTowers(model);
        var embeddings = towers.Embed(share);
        Assert.False(embeddings.Images.requires_grad || embeddings.Texts.requires_grad);
        Golden.AssertClose(ones(Rows), embeddings.Images.norm(1), 1e-6, 0, "lengths");
    }

    [Fact]
    public void Backward_EachMicroBatch_IsFreedBeforeTheNext()
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config());
        using var gradients = new GradientBuffer(model.Parameters);
        var share = new MicroBatches(SampleBatch.Create(model.Config, Rows, step: 1), 4, new PreprocessConfig(), CPU);
        using var towers = new CachedTowers(model);
        var embeddings = towers.Embed(share);
        var loss = OneReplica.Softmax(embeddings.Images, embeddings.Texts, scale: 12);

        long before = Tensor.TotalCount;
        towers.Backward(share, loss);
        Assert.Equal(before, Tensor.TotalCount);
    }

    /// <summary>Casts that passes share change no bit: backward passes them as it would those of each pass.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // the last micro-batch has casts of its own
    public void Backward_Bfloat16_GivesTheBitsOfACastInEachPass(bool reports)
    {
        using var scope = NewDisposeScope();
        using var model = Half();
        using var gradients = new GradientBuffer(model.Parameters);
        var share = new MicroBatches(SampleBatch.Create(model.Config, Rows, step: 1), 4, new PreprocessConfig(), CPU);
        using var towers = new CachedTowers(model, reports ? _ => { } : null);
        var embeddings = towers.Embed(share);
        var loss = OneReplica.Softmax(embeddings.Images, embeddings.Texts, scale: 12);

        gradients.Zero();
        var (images, texts) = (new List<Tensor>(), new List<Tensor>());
        for (int i = 0; i < share.Count; i++)
        {
            var (start, rows) = share.Range(i);
            images.Add(ClipModel.Normalize(model.Images.Forward(share.Images(i))));
            texts.Add(ClipModel.Normalize(model.Texts.Forward(share.Texts(i, model.Config.TextCfg))));
            autograd.backward(images[i], loss.Images.narrow(0, start, rows));
            autograd.backward(texts[i], loss.Texts.narrow(0, start, rows));
        }
        var expected = gradients.Flat.clone();
        gradients.Zero();
        towers.Backward(share, loss);

        Golden.AssertSameBits(cat([.. images]).detach(), embeddings.Images, "image embeddings");
        Golden.AssertSameBits(cat([.. texts]).detach(), embeddings.Texts, "text embeddings");
        Golden.AssertSameBits(expected, gradients.Flat, "gradients");
    }

    [Fact]
    public void Embed_Bfloat16_CastsEachMatrixOnceAndBackwardFreesThem()
    {
        using var full = SampleModel.Create(SampleModel.Config());
        using var half = Half();
        // Norms and the embedding table are taken as they are stored.
        int casts = half.Parameters.Slots.Select(slot => slot.Shape.Name)
            .Count(name => !name.Contains("ln_", StringComparison.Ordinal) && name is not ("logit_scale" or "token_embedding.weight"));
        var ((embedded, trained), (embeddedHalf, trainedHalf)) = (Live(full), Live(half));
        Assert.Equal((embedded + casts, trained), (embeddedHalf, trainedHalf));

        // Tensors that Embed leaves, and those after Backward.
        static (long Embedded, long Trained) Live(ClipModel model)
        {
            using var scope = NewDisposeScope();
            using var gradients = new GradientBuffer(model.Parameters);
            var share = new MicroBatches(SampleBatch.Create(model.Config, Rows, step: 1), 4, new PreprocessConfig(), CPU);
            using var towers = new CachedTowers(model);
            long before = Tensor.TotalCount;
            var embeddings = towers.Embed(share);
            long embedded = Tensor.TotalCount - before;
            towers.Backward(share, OneReplica.Softmax(embeddings.Images, embeddings.Texts, scale: 12));
            return (embedded, Tensor.TotalCount - before);
        }
    }

    [Theory]
    [InlineData(1, 10, 9, 1)]
    [InlineData(3, 4, 9, 1)]
    [InlineData(7, 2, 7, 3)]
    [InlineData(10, 1, 0, 10)]
    [InlineData(64, 1, 0, 10)]
    public void MicroBatches_AnySize_CoverTheShareOnce(int size, int count, int lastStart, int lastRows)
    {
        var share = new MicroBatches(SampleBatch.Create(SampleModel.Config(), Rows, step: 1), size, new PreprocessConfig(), CPU);
        Assert.Equal(count, share.Count);
        Assert.Equal(
            Enumerable.Range(0, Rows),
            Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(share.Range(i).Start, share.Range(i).Rows))
        );
        Assert.Equal((lastStart, lastRows), share.Range(count - 1));
    }

    private static ClipModel Half()
    {
        var model = new ClipModel(SampleModel.Config(), CPU, ScalarType.BFloat16);
        model.Parameters.Initialize(1);
        SampleModel.Disturb(model.Parameters, 2);
        return model;
    }

    private static (Tensor Gradients, Embeddings Embeddings) Backward(
        ClipModel model,
        GradientBuffer gradients,
        Batch batch,
        int microBatch
    )
    {
        var share = new MicroBatches(batch, microBatch, new PreprocessConfig(), CPU);
        using var towers = new CachedTowers(model);
        gradients.Zero();
        var embeddings = towers.Embed(share);
        towers.Backward(share, OneReplica.Softmax(embeddings.Images, embeddings.Texts, scale: 12));
        return (gradients.Flat.clone(), embeddings);
    }
}
