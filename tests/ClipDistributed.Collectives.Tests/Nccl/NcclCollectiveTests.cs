using System.Diagnostics;
using System.Runtime.CompilerServices;
using ClipDistributed.Collectives.Nccl;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives.Tests.Nccl;

/// <summary>Without a GPU: what happens above the native calls, which go to fake_gpu.c.</summary>
public sealed class NcclCollectiveTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly string folder = Directory.CreateTempSubdirectory("nccl-").FullName;

    private static readonly NcclOptions Options = new() { Rank = 0, World = 1, Name = "generation 1" };

    [Fact]
    public void Connect_NcclMissing_IsBadInputThatSaysWhatToInstall()
    {
        var error = Assert.Throws<BadInputException>(() =>
            NcclCollective.Connect(Options with { NcclLibrary = "/nowhere/libnccl.so.2" }, new MemoryRendezvous())
        );
        Assert.Equal(
            "NCCL, which joins replicas on GPUs, cannot be loaded: none of /nowhere/libnccl.so.2 is there with ncclCommInitRankConfig; "
                + "install NCCL 2.14 or newer (NVIDIA's package libnccl2) or give the path of libnccl.so.2.",
            error.Message
        );
    }

    [Fact]
    public void Connect_LibraryOfThatNameIsAnother_IsBadInput()
    {
        // The C library has none of NCCL's functions.
        Assert.Throws<BadInputException>(() => NcclCollective.Connect(Options with { NcclLibrary = "libc.so.6" }, new MemoryRendezvous()));
    }

    [Fact]
    public unsafe void AllGather_UnevenCounts_PlacesEveryMember()
    {
        using var group = NcclCollective.Connect(Fake(rank: 1, world: 3), Published());
        byte[] own = [1, 2], all = new byte[6];
        fixed (byte* from = own, to = all)
            group.AllGather((nint)from, (nint)to, [1, 2, 3], ElementType.Byte);
        Assert.Equal([100, 1, 2, 102, 102, 102], all);
    }

    [Fact]
    public unsafe void Operations_OneAfterTheOther_Complete()
    {
        using var group = NcclCollective.Connect(Fake(rank: 0, world: 1), new MemoryRendezvous());
        float[] data = [1, 2, 3];
        fixed (float* pointer = data)
        {
            var works = Enumerable
                .Repeat((nint)pointer, 3)
                .Select(address => group.StartAllReduce(address, 3, ElementType.Float32))
                .ToList();
            group.Broadcast((nint)pointer, 3, ElementType.Float32, 0);
            works.ForEach(work => work.Wait());
        }
        Assert.Equal([1, 2, 3], data);
    }

    [Fact]
    public async Task Abort_OperationNeverEnds_WakesTheWait()
    {
        using var group = NcclCollective.Connect(Fake(rank: 0, world: 2, "-DSTUCK"), new MemoryRendezvous());
        var work = group.StartAllReduce(0, 0, ElementType.Float32);
        var wait = Task.Factory.StartNew(work.Wait, TaskCreationOptions.LongRunning);
        group.Abort();
        var error = await Assert.ThrowsAsync<CollectiveException>(() => wait.WaitAsync(Bound));
        Assert.Equal("all-reduce failed in generation 1: the group was aborted", error.Message);
        Assert.Throws<CollectiveException>(() => group.StartAllReduce(0, 0, ElementType.Float32));
    }

    [Fact]
    public void Connect_DeviceMissing_SaysWhatCudaSays()
    {
        var error = Assert.Throws<CollectiveException>(() =>
            NcclCollective.Connect(Fake(rank: 0, world: 1) with { Device = 9 }, new MemoryRendezvous())
        );
        Assert.Equal("connect failed in generation 1: CUDA: invalid device ordinal", error.Message);
    }

    [Fact]
    public async Task Connect_RankZeroNeverComes_IsEndedByAbort()
    {
        using var cancel = new CancellationTokenSource();
        var options = Fake(rank: 1, world: 2);
        var connect = Task.Factory.StartNew(
            () => NcclCollective.Connect(options, new MemoryRendezvous(), cancel.Token),
            TaskCreationOptions.LongRunning
        );
        cancel.Cancel();
        var error = await Assert.ThrowsAsync<CollectiveException>(() => connect.WaitAsync(Bound));
        Assert.Equal("connect failed in generation 1: the group was aborted", error.Message);
    }

    [Fact]
    public void Structures_HaveTheirNativeSizes()
    {
        Assert.Equal(128, Unsafe.SizeOf<NcclLibrary.UniqueId>());
        Assert.Equal(24, Unsafe.SizeOf<NcclLibrary.Config>());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static MemoryRendezvous Published()
    {
        var rendezvous = new MemoryRendezvous();
        rendezvous.Set("nccl/id", [.. Enumerable.Repeat((byte)42, 128)]);
        return rendezvous;
    }

    private NcclOptions Fake(int rank, int world, string define = "-DREADY", [CallerFilePath] string here = "")
    {
        string library = Path.Combine(folder, "libfake.so");
        using var compiler = Process.Start(
            "gcc",
            ["-shared", "-fPIC", "-Wall", define, "-o", library, Path.Combine(Path.GetDirectoryName(here)!, "fake_gpu.c")]
        );
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        return Options with { Rank = rank, World = world, NcclLibrary = library, CudaLibrary = library };
    }
}
