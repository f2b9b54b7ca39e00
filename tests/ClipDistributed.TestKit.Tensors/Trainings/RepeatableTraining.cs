using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.TestKit.Tensors.Trainings;

/// <summary>A short training that can be repeated with any number of replicas.</summary>
/// <param name="Spec">Loss, optimizer and gather.</param>
/// <param name="Start">Fills the parameters of a fresh model.</param>
/// <param name="Batches">The global batch of each step.</param>
/// <param name="Shares">How it is cut, by step and world.</param>
public sealed record RepeatableTraining(ModelConfig Model, TrainingSpec Spec, int Steps, int MicroBatch, Action<ClipModel> Start,
    Func<long, Batch> Batches, Func<long, int, Shares> Shares)
{
    /// <summary>Of all replicas.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Trains from the start; every replica must end with the same bits and the same results.</summary>
    public Trajectory Run(int world)
    {
        var members = ThreadReplicas.Run(world, Device, group =>
        {
            using var model = new ClipModel(Model, Device);
            Start(model);
            using var state = new TrainState(Spec.Optimizer, model) { AppliedStep = 0 };
            var recipe = new StepRecipe(Spec, Steps, MicroBatch, new PreprocessConfig());
            using var step = new TrainStep(recipe, state, group, new StepProgress());
            var results = new List<StepResult>();
            var weights = new List<float[]>();
            for (long k = 1; k <= Steps; k++)
            {
                weights.Add(Flat(model.Parameters.Flat));
                var shares = Shares(k, group.World);
                results.Add(RunStep(step, group, Batches(k), shares));
            }
            return new Trajectory(results, [.. weights, Flat(model.Parameters.Flat)]);
        });
        foreach (var member in members.Skip(1))
        {
            if (!member.Results.SequenceEqual(members[0].Results) || !member.Weights[^1].AsSpan().SequenceEqual(members[0].Weights[^1]))
                throw new InvalidOperationException($"The replicas of a world of {world} do not agree.");
        }
        return members[0];
    }

    /// <summary>The summed gradients of one step from given weights, before clipping; as many floats as parameters, in their flat
    /// order.</summary>
    public float[] Gradients(int world, long step, float[] weights)
    {
        var spec = Spec.Clone();
        (spec.Optimizer.ClipNorm, spec.Optimizer.Lr) = (0, 1e-30); // neither scaled nor, in what counts, applied
        var members = ThreadReplicas.Run(
            world,
            Device,
            group =>
            {
                using var model = new ClipModel(Model, Device);
                using (no_grad())
                    model.Parameters.Flat.copy_(tensor(weights));
                using var state = new TrainState(spec.Optimizer, model) { AppliedStep = step - 1 };
                using var train = new TrainStep(
                    new StepRecipe(spec, Steps, MicroBatch, new PreprocessConfig()),
                    state,
                    group,
                    new StepProgress()
                );
                var shares = Shares(step, group.World);
                RunStep(train, group, Batches(step), shares);
                return Flat(state.Gradients.Flat);
            }
        );
        return members[0];
    }

    /// <summary>Where each parameter lies in the flat vectors.</summary>
    public IReadOnlyList<(string Name, int Offset, int Count)> Layout()
    {
        using var model = new ClipModel(Model, CPU);
        return [.. model.Parameters.Slots.Select(slot => (slot.Shape.Name, (int)slot.Offset, (int)slot.Shape.Count))];
    }

    /// <summary>One member's part in a step.</summary>
    /// <param name="redoing">Is called before a second try.</param>
    public static StepResult RunStep(TrainStep step, ICollective group, Batch batch, Shares shares, Action? redoing = null) =>
        step.Run(Slice(batch, shares.Of(group.Rank)), shares, () =>
        {
            redoing?.Invoke();
            return Slice(batch, shares.Of((group.Rank + 1) % group.World));
        });

    /// <summary>Some slots of a whole batch.</summary>
    public static Batch Slice(Batch batch, SlotRange share) => batch with
    {
        Samples = [.. batch.Samples.Skip(share.Start).Take(share.Count)],
        Images = [.. batch.Images.Skip(share.Start).Take(share.Count)],
        Tokens = batch.Tokens.AsSpan(share.Start * batch.Context, share.Count * batch.Context).ToArray(),
    };

    private static float[] Flat(Tensor values) => values.detach().cpu().data<float>().ToArray();
}

/// <summary>What a training computed.</summary>
/// <param name="Weights">The flat parameters before each step, and after the last.</param>
public sealed record Trajectory(IReadOnlyList<StepResult> Results, IReadOnlyList<float[]> Weights);
