using ClipDistributed.Model.Native;
using ClipDistributed.Training.Tests.Member;

// What tests of training run in a process of its own, because a failure would end the process:
//   throwing-hook
// Standard output: one line for each thing that the test compares.
LibTorch.Load(folder: null, threads: 1);
switch (args)
{
    case ["throwing-hook"]:
        ThrowingHook.Run();
        return 0;
    default:
        throw new ArgumentException($"unknown command {string.Join(' ', args)}");
}
