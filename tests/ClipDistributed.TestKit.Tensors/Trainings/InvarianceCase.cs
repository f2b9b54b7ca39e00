using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Streams;
using ClipDistributed.TestKit.Tensors.Models;

namespace ClipDistributed.TestKit.Tensors.Trainings;

/// <summary>One row of the invariance table: twenty steps of a small model, to be repeated on several replicas.</summary>
/// <param name="UnevenShares">True: cut at random, another way in every step, empty shares included.</param>
/// <param name="Towers">A ResNet has batch normalisation, so it is cut at micro-batches only.</param>
public sealed record InvarianceCase(
    int World,
    Loss Loss,
    OptimizerName Optimizer,
    bool UnevenShares,
    TrainedTowers Towers = TrainedTowers.ViT
)
{
    private const int MicroBatch = 5;

    private bool ResNet => Towers == TrainedTowers.ResNet;

    // 3 and 4 divide neither the rows nor, for a ResNet, the micro-batches.
    private int GlobalBatch => ResNet ? 5 * MicroBatch : 26;

    private int Unit => ResNet ? MicroBatch : 1;

    /// <summary>Both losses on 2, 3 and 4 replicas, once with plain gradient descent: Adam hides a gradient of the wrong scale.</summary>
    public static IReadOnlyList<InvarianceCase> All { get; } =
    [
        .. from loss in new[] { Loss.Softmax, Loss.Sigmoid }
           from world in new[] { 2, 3, 4 }
           from uneven in new[] { false, true }
           select new InvarianceCase(world, loss, world == 3 ? OptimizerName.Sgd : OptimizerName.Adamw, uneven),
        new InvarianceCase(2, Loss.Softmax, OptimizerName.Adamw, UnevenShares: true, TrainedTowers.ResNet),
        new InvarianceCase(3, Loss.Softmax, OptimizerName.Sgd, UnevenShares: false, TrainedTowers.ResNet),
        new InvarianceCase(4, Loss.Softmax, OptimizerName.Adamw, UnevenShares: true, TrainedTowers.ResNet),
        // AdamW on the sigmoid loss passes points where the gradient almost vanishes: what is left of its norm is rounding.
        new InvarianceCase(3, Loss.Sigmoid, OptimizerName.Sgd, UnevenShares: true, TrainedTowers.SigLip),
        new InvarianceCase(2, Loss.Softmax, OptimizerName.Adamw, UnevenShares: true, TrainedTowers.SigLip),
        new InvarianceCase(3, Loss.Softmax, OptimizerName.Adamw, UnevenShares: true, TrainedTowers.Eva02),
    ];

    public RepeatableTraining Training(Precision gather = Precision.Float32)
    {
        var plain = Towers switch
        {
            TrainedTowers.ResNet => SampleModel.ResNetConfig(),
            TrainedTowers.SigLip => SampleModel.SiglipConfig(),
            TrainedTowers.Eva02 => SampleModel.Eva02Config(),
            _ => SampleModel.Config(),
        };
        var config = Loss == Loss.Sigmoid ? plain.ForSigmoid() : plain;
        var spec = new TrainingSpec { Loss = Loss, Batch = new BatchSpec { Gather = gather }, Optimizer = Specs.Optimizer(Optimizer) };
        // Batch statistics of five rows let rounding grow quickly from step to step: a ResNet takes small ones.
        (spec.Optimizer.Lr, spec.Optimizer.ClipNorm, spec.Optimizer.WarmupSteps) = (
            (Optimizer == OptimizerName.Sgd ? 1e-2 : 1e-3) * (ResNet ? 1e-2 : 1),
            1,
            5
        );
        return new RepeatableTraining(
            config,
            spec,
            Steps: 20,
            MicroBatch,
            model =>
            {
                model.Parameters.Initialize(1);
                SampleModel.Disturb(model.Parameters, 2);
            },
            step => SampleBatch.Create(config, GlobalBatch, step),
            UnevenShares ? Uneven : (_, world) => Shares.Even(GlobalBatch, world, Unit)
        );
    }

    private Shares Uneven(long step, int world)
    {
        var random = new Random((int)step * 31 + world);
        int[] cuts = [0, .. Enumerable.Range(1, world - 1).Select(_ => Unit * random.Next(GlobalBatch / Unit + 1)).Order(), GlobalBatch];
        return new Shares([.. cuts.Skip(1).Zip(cuts, (end, start) => end - start)]);
    }
}

/// <summary>The towers of a small model.</summary>
public enum TrainedTowers
{
    ViT,
    ResNet,
    SigLip,
    Eva02,
}
