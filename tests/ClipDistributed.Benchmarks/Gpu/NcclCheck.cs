using System.Diagnostics;
using System.Runtime.InteropServices;
using ClipDistributed.Benchmarks.Gpu.Running;
using ClipDistributed.Collectives;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Collectives.Gloo;
using ClipDistributed.Collectives.Nccl;
using ClipDistributed.Collectives.Tests;
using ClipDistributed.TestKit.Files;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>The collective library as a group of one, and with a peer that never comes. On processors the library is Gloo.</summary>
internal static partial class NcclCheck
{
    private const int Elements = 1 << 20;

    private static readonly TimeSpan AbortBound = TimeSpan.FromSeconds(1), Lead = TimeSpan.FromMilliseconds(500);

    public static IEnumerable<GpuCheck> Of(GpuOptions options) =>
    [
        new("nccl one", TimeSpan.FromMinutes(2), report => One(options, report)),
        new("nccl absent", TimeSpan.FromMinutes(2), report => Absent(options, report)),
    ];

    private static void One(GpuOptions options, CheckReport report)
    {
        report.Phase("loading libtorch");
        var device = options.Open();
        using var folder = new TemporaryFolder();
        report.Phase("connecting");
        long start = Stopwatch.GetTimestamp();
        using var group = Connect(device, world: 1, folder, CancellationToken.None);
        report.Set("connect_seconds", Stopwatch.GetElapsedTime(start).TotalSeconds);

        using var scope = NewDisposeScope();
        var own = arange(Elements, ScalarType.Float32, device);
        var all = zeros_like(own);
        report.Phase("all-gather");
        group.AllGather(THSTensor_data(own.Handle), THSTensor_data(all.Handle), [Elements], ElementType.Float32);
        report.Require(all.eq(own).all().cpu().ToBoolean(), "the all-gather gives other numbers");
        report.Phase("all-reduce");
        group.StartAllReduce(all).Wait();
        report.Require(all.eq(own).all().cpu().ToBoolean(), "the all-reduce gives other numbers");
        report.Phase("broadcast");
        group.Broadcast(all, root: 0);
        report.Require(all.eq(own).all().cpu().ToBoolean(), "the broadcast gives other numbers");

        report.Phase("abort");
        start = Stopwatch.GetTimestamp();
        group.Abort();
        group.Dispose();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        report.Set("abort_seconds", seconds);
        report.Require(seconds < AbortBound.TotalSeconds, $"the abort took {seconds:0.0} s");
    }

    private static void Absent(GpuOptions options, CheckReport report)
    {
        report.Phase("loading libtorch");
        var device = options.Open();
        using var folder = new TemporaryFolder();
        using var abort = new CancellationTokenSource();
        report.Phase("waiting for a peer that never comes");
        long aborted = 0;
        using var timer = new Timer(_ =>
        {
            Volatile.Write(ref aborted, Stopwatch.GetTimestamp());
            abort.Cancel();
        }, null, Lead, Timeout.InfiniteTimeSpan);
        try
        {
            using var group = Connect(device, world: 2, folder, abort.Token);
            report.Fail("a group of two connected without its second member");
        }
        catch (CollectiveException lost)
        {
            double seconds = Stopwatch.GetElapsedTime(Volatile.Read(ref aborted)).TotalSeconds;
            report.Set("abort_seconds", seconds);
            report.Set("message", lost.Message);
            report.Require(Volatile.Read(ref aborted) != 0, "it failed before it was aborted");
            report.Require(seconds < AbortBound.TotalSeconds, $"the abort took {seconds:0.0} s");
        }
    }

    private static ICollective Connect(Device device, int world, TemporaryFolder folder, CancellationToken cancel)
    {
        const string name = "the check";
        var rendezvous = new FileRendezvous(folder.Path);
        if (device.type != DeviceType.CUDA)
            return GlooCollective.Connect(new GlooOptions { Rank = 0, World = world, Name = name }, rendezvous, cancel);
        var options = new NcclOptions { Rank = 0, World = world, Name = name, Cuda = new CudaOptions { Device = device.index } };
        return NcclCollective.Connect(options, rendezvous, cancel);
    }

    // A group of one never comes to the library's all-gather by way of tensors.
    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint tensor);
}
