using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ClipDistributed.Collectives;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Collectives.Nccl;
using ClipDistributed.Collectives.Tests;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.TestKit.Gpu;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Member;

/// <summary>
/// A replica as a GPU's: its group is NCCL's stand-in, on the second of two devices, and backward starts all-reduces from a
/// thread of its own. After the loss of a group it goes on with the next one, as the coordinator would have it.
/// </summary>
internal sealed class TrainingMember(int rank, int world, string folder)
{
    private const int Steps = 6;

    private readonly RepeatableTraining training =
        new InvarianceCase(world, Contracts.Spec.V1.Loss.Softmax, OptimizerName.Adamw, UnevenShares: true).Training();

    private ICollective? group;

    /// <summary>The step in whose backward pass this member's group is aborted; 0: none.</summary>
    public long AbortsAt { get; init; }

    /// <summary>NCCL does not come back from that abort.</summary>
    public bool AbortsHang { get; init; }

    /// <summary>Prints each step's loss, a line for a lost group, and at last the hash of the weights.</summary>
    public void Run()
    {
        StandIn.LogTo(Path.Combine(folder, $"log-{rank}"));
        StandIn.HangAborts(AbortsHang);
        new Thread(AbortWhenAsked) { IsBackground = true }.Start();
        using var model = new ClipModel(training.Model, CPU);
        training.Start(model);
        using var state = new TrainState(training.Spec.Optimizer, model) { AppliedStep = 0 };
        for (int generation = 1; state.AppliedStep < Steps; generation++)
        {
            try
            {
                Train(state, generation);
            }
            catch (CollectiveException lost)
            {
                Console.WriteLine($"lost after {state.AppliedStep}: {lost.Message}");
            }
        }
        float[] weights = model.Parameters.Flat.data<float>().ToArray();
        Console.WriteLine(Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(weights))));
    }

    private void Train(TrainState state, int generation)
    {
        string place = Path.Combine(folder, $"{generation}");
        Directory.CreateDirectory(place);
        var options = new NcclOptions
        {
            Rank = rank,
            World = world,
            Name = $"generation {generation}",
            NcclLibrary = StandIn.Library,
            Cuda = new CudaOptions { Device = 1, Library = StandIn.Library, AbortBound = TimeSpan.FromSeconds(1) },
        };
        using var nccl = NcclCollective.Connect(options, new FileRendezvous(place));
        group = nccl;
        long step = 0;
        int started = 0;
        var hooked = new HookThread(nccl, () =>
        {
            if (generation == 1 && step == AbortsAt && ++started == 4) // of nine
                nccl.Abort();
        });
        var recipe = new StepRecipe(training.Spec, training.Steps, training.MicroBatch, new PreprocessConfig()) { BucketElements = 1 };
        using var train = new TrainStep(recipe, state, hooked, new StepProgress());
        for (step = state.AppliedStep + 1; step <= Steps; step++)
        {
            var result = RepeatableTraining.RunStep(train, hooked, training.Batches(step), training.Shares(step, world));
            Console.WriteLine($"step {step} {result.Loss:R}");
        }
    }

    private void AbortWhenAsked()
    {
        while (Console.ReadLine() == "abort")
            group?.Abort();
    }
}
