using System.Globalization;
using ClipDistributed.Model.Native;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.Tests.Member;
using static TorchSharp.torch;

// What tests of training run in processes of their own, because a failure would end the process, or because processes have to
// be killed:
//   throwing-hook
//   libtorch FOLDER
//   vector-kernels
//   train RANK WORLD FOLDER [abort STEP | hang STEP]    as a member of a group over the stand-in for NCCL; "abort" on standard input
// Standard output: one line for each thing that the test compares.
LibTorch.Load(args is ["libtorch", var given] ? given : null, threads: 1);
switch (args)
{
    case ["libtorch", _]:
        OtherLibTorch.Run();
        return 0;
    case ["vector-kernels"]:
        Console.WriteLine($"known {VectorKernels.Known}");
        Console.WriteLine($"found {VectorKernels.Find()}");
        return 0;
    case ["throwing-hook"]:
        var hook = ThrowingHook.Run(CPU);
        Console.WriteLine($"caught {hook.Caught} after {hook.Calls} call");
        Console.WriteLine($"stages {string.Join(' ', hook.Stages)}");
        return 0;
    case ["train", var rank, var world, var folder, .. var fault]:
        new TrainingMember(int.Parse(rank, CultureInfo.InvariantCulture), int.Parse(world, CultureInfo.InvariantCulture), folder)
        {
            AbortsAt = fault is [_, var step] ? long.Parse(step, CultureInfo.InvariantCulture) : 0,
            AbortsHang = fault is ["hang", _],
        }.Run();
        return 0;
    default:
        throw new ArgumentException($"unknown command {string.Join(' ', args)}");
}
