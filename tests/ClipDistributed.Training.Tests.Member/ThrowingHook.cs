using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.TestKit.Tensors.Models;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Member;

/// <summary>A bucket cannot be started in the middle of backward, as after the abort of a group.</summary>
internal static class ThrowingHook
{
    private const int Rows = 6;

    /// <summary>Prints the stage that failed, how often a stage was reported, and whether the process can go on afterwards.</summary>
    public static void Run()
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config(imageLayers: 3, textLayers: 3));
        using var gradients = new GradientBuffer(model.Parameters);
        int calls = 0;
        try
        {
            Backward(model, gradients, stage =>
            {
                calls++;
                throw new CollectiveException("all-reduce", "generation 1", $"stage {stage}");
            });
        }
        catch (CollectiveException failed)
        {
            Console.WriteLine($"caught {failed.Message} after {calls} call");
        }
        var stages = new List<int>();
        Backward(model, gradients, stages.Add);
        Console.WriteLine($"stages {string.Join(' ', stages)}");
    }

    private static void Backward(ClipModel model, GradientBuffer gradients, Action<int> completed)
    {
        var share = new MicroBatches(SampleBatch.Create(model.Config, Rows, step: 1), Rows, new PreprocessConfig(), CPU);
        var towers = new CachedTowers(model, completed);
        gradients.Zero();
        var (images, texts) = towers.Embed(share);
        towers.Backward(share, new SigmoidLoss().Run(new GlobalEmbeddings(images, texts, Shares.Even(Rows, 1), Rank: 0), 12, -10));
    }
}
