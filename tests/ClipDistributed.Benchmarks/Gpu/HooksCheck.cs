using System.Text.Json.Nodes;
using ClipDistributed.Benchmarks.Gpu.Running;
using ClipDistributed.TestKit.Tensors.Trainings;
using TorchSharp;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>
/// An exception in a hook of backward is thrown once backward has returned, and the process goes on. On a GPU hooks run on a thread of
/// libtorch.
/// </summary>
internal static class HooksCheck
{
    public static IEnumerable<GpuCheck> Of(GpuOptions options) =>
        [new("hooks", TimeSpan.FromMinutes(2), report => Run(options, report))];

    private static void Run(GpuOptions options, CheckReport report)
    {
        report.Phase("loading libtorch");
        var device = options.Open();
        report.Phase("backward with a hook that throws");
        var hook = ThrowingHook.Run(device);
        report.Set("caught", hook.Caught);
        report.Set("foreign_thread", hook.OnForeignThread);
        report.Set("stages", new JsonArray([.. hook.Stages.Select(stage => JsonValue.Create(stage))]));
        report.Require(hook.Caught is not null, "backward threw nothing");
        report.Require(hook.Calls == 1, $"the hook was called {hook.Calls} times before backward threw");
        report.Require(hook.Stages.Count > 1 && hook.Stages.Order().SequenceEqual(hook.Stages), "the next backward reports other stages");
        report.Require(
            hook.OnForeignThread == (device.type == DeviceType.CUDA),
            $"hooks run on {(hook.OnForeignThread ? "a thread of libtorch" : "the thread that called backward")}");
    }
}
