using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.TestKit.Tensors.Models;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.Steps;
using static TorchSharp.torch;

namespace ClipDistributed.TestKit.Tensors.Trainings;

/// <summary>
/// A bucket cannot be started in the middle of backward, as after the abort of a group. To be run in a process of its own: an
/// exception that unwinds through libtorch's frames ends it.
/// </summary>
/// <param name="Caught">What backward threw at its end; null: nothing.</param>
/// <param name="Calls">How often a stage was reported until then.</param>
/// <param name="OnForeignThread">Hooks ran on a thread of libtorch, as those of a GPU do.</param>
/// <param name="Stages">What the next backward of the same process reported, in order.</param>
public sealed record ThrowingHook(string? Caught, int Calls, bool OnForeignThread, IReadOnlyList<int> Stages)
{
    private const int Rows = 6;

    public static ThrowingHook Run(Device device)
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config(imageLayers: 3, textLayers: 3), device: device);
        using var gradients = new GradientBuffer(model.Parameters);
        string? caught = null;
        int calls = 0, caller = Environment.CurrentManagedThreadId, hook = caller;
        try
        {
            Backward(model, gradients, stage =>
            {
                calls++;
                hook = Environment.CurrentManagedThreadId;
                throw new CollectiveException("all-reduce", "generation 1", $"stage {stage}");
            });
        }
        catch (CollectiveException failed)
        {
            caught = failed.Message;
        }
        var stages = new List<int>();
        Backward(model, gradients, stages.Add);
        return new ThrowingHook(caught, calls, hook != caller, stages);
    }

    private static void Backward(ClipModel model, GradientBuffer gradients, Action<int> completed)
    {
        var batch = SampleBatch.Create(model.Config, Rows, step: 1);
        var share = new MicroBatches(batch, Rows, new PreprocessConfig(), model.Parameters.Device);
        using var towers = new CachedTowers(model, completed);
        gradients.Zero();
        var (images, texts) = towers.Embed(share);
        towers.Backward(share, new SigmoidLoss().Run(new GlobalEmbeddings(images, texts, Shares.Even(Rows, 1), Rank: 0), 12, -10));
    }
}
