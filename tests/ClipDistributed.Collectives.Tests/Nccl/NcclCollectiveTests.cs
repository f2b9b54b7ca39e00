using System.Runtime.CompilerServices;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Collectives.Nccl;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.TestKit.Gpu;

namespace ClipDistributed.Collectives.Tests.Nccl;

/// <summary>Without a GPU: the native calls go to the stand-in, whose groups really sum.</summary>
[Collection(nameof(StandIn))] // what is set there holds for the whole process
public sealed class NcclCollectiveTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static readonly NcclOptions Options = new()
    {
        Rank = 0,
        World = 1,
        Name = "generation 1",
        NcclLibrary = StandIn.Library,
        Cuda = new CudaOptions { Library = StandIn.Library },
    };

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
        byte[][] gathered = Run(3, group =>
        {
            byte[] own = [.. Enumerable.Repeat((byte)(10 + group.Rank), group.Rank * 2)], all = new byte[6];
            fixed (byte* from = own, to = all)
                group.AllGather((nint)from, (nint)to, [0, 2, 4], ElementType.Byte);
            return all;
        });
        Assert.All(gathered, all => Assert.Equal([11, 11, 12, 12, 12, 12], all));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public unsafe void Operations_OneAfterTheOther_GiveSumsAndTheRootsData(int world)
    {
        float[][] results = Run(world, group =>
        {
            float[] data = [1, 2, group.Rank];
            fixed (float* pointer = data)
            {
                var works = Enumerable
                    .Repeat((nint)pointer, 2)
                    .Select(address => group.StartAllReduce(address, 3, ElementType.Float32))
                    .ToList();
                group.Broadcast((nint)pointer + 2 * sizeof(float), 1, ElementType.Float32, world - 1);
                works.ForEach(work => work.Wait());
            }
            return data;
        });
        float ranks = world * (world - 1) / 2;
        Assert.All(results, data => Assert.Equal([world * world, 2 * world * world, ranks * world], data));
    }

    [Fact]
    public unsafe void StartAllReduce_FromAForeignThread_SetsTheDeviceThere()
    {
        float[][] results = Run(2, group =>
        {
            float[] data = [1];
            fixed (float* pointer = data)
            {
                nint address = (nint)pointer;
                var work = OnAnotherThread(() => group.StartAllReduce(address, 1, ElementType.Float32)); // as the hooks of a GPU's backward
                work.Wait();
            }
            return data;
        }, device: 1);
        Assert.All(results, data => Assert.Equal([2], data));
    }

    [Fact]
    public void Abort_PeerNeverStartsTheOperation_WakesTheWait()
    {
        Run(2, group =>
        {
            if (group.Rank == 1)
                return 0;
            var work = group.StartAllReduce(0, 0, ElementType.Float32);
            var wait = Task.Factory.StartNew(work.Wait, TaskCreationOptions.LongRunning);
            group.Abort();
            var error = Assert.ThrowsAsync<CollectiveException>(() => wait.WaitAsync(Bound)).Result;
            Assert.Equal("all-reduce failed in generation 1: the group was aborted", error.Message);
            Assert.Throws<CollectiveException>(() => group.StartAllReduce(0, 0, ElementType.Float32));
            return 0;
        });
    }

    [Fact]
    public unsafe void Wait_AbortedOperationStillRuns_ThrowsWhenItWritesNoMore()
    {
        StandIn.Linger(200);
        try
        {
            Run(2, group =>
            {
                if (group.Rank == 1)
                    return 0;
                float[] data = [1];
                fixed (float* pointer = data)
                {
                    var work = group.StartAllReduce((nint)pointer, 1, ElementType.Float32);
                    group.Abort();
                    Assert.Throws<CollectiveException>(work.Wait);
                    Assert.True(float.IsNaN(data[0])); // what the stand-in writes at the very end
                }
                return 0;
            });
        }
        finally
        {
            StandIn.Linger(0);
        }
    }

    [Fact]
    public void Wait_DeviceFails_IsAFaultOfTheDevice()
    {
        try
        {
            Run(1, group =>
            {
                StandIn.Break(214);
                var work = group.StartAllReduce(0, 0, ElementType.Float32);
                var fault = Assert.Throws<DeviceFaultException>(work.Wait);
                Assert.Equal("all-reduce failed in generation 1: CUDA: uncorrectable ECC error encountered", fault.Message);
                return 0;
            });
        }
        finally
        {
            StandIn.Break(0);
        }
    }

    [Fact]
    public void Connect_DeviceIsFull_SaysSo()
    {
        StandIn.SetMemory(1000);
        try
        {
            var error = Assert.Throws<CollectiveException>(() => NcclCollective.Connect(Options, new MemoryRendezvous()));
            Assert.Equal("connect failed in generation 1: NCCL: unhandled cuda error (Cuda failure 2 'out of memory')", error.Message);
        }
        finally
        {
            StandIn.SetMemory(StandIn.DefaultMemory);
        }
    }

    [Fact]
    public void Connect_DeviceMissing_SaysWhatCudaSays()
    {
        var error = Assert.Throws<CollectiveException>(() =>
            NcclCollective.Connect(Options with { Cuda = Options.Cuda with { Device = 9 } }, new MemoryRendezvous())
        );
        Assert.Equal("connect failed in generation 1: CUDA: invalid device ordinal", error.Message);
    }

    [Theory]
    [InlineData(0)] // it waits for rank 1 in NCCL
    [InlineData(1)] // it waits for the id
    public async Task Connect_PeerNeverComes_IsEndedByAbort(int rank)
    {
        using var cancel = new CancellationTokenSource();
        var rendezvous = new MemoryRendezvous();
        var connect = Task.Factory.StartNew(
            () => NcclCollective.Connect(Options with { Rank = rank, World = 2 }, rendezvous, cancel.Token),
            TaskCreationOptions.LongRunning
        );
        if (rank == 0)
            rendezvous.Get("nccl/id", Bound);
        cancel.Cancel();
        var error = await Assert.ThrowsAsync<CollectiveException>(() => connect.WaitAsync(Bound));
        Assert.Equal("connect failed in generation 1: the group was aborted", error.Message);
    }

    [Fact]
    public void Connect_PeerNeverComes_EndsAfterTheTimeout()
    {
        var options = Options with { World = 2, Timeout = TimeSpan.FromMilliseconds(50) };
        Assert.Throws<CollectiveException>(() => NcclCollective.Connect(options, new MemoryRendezvous()));
    }

    [Fact]
    public void Connect_RankZeroHasAnotherNccl_IsBadInput()
    {
        var rendezvous = new MemoryRendezvous();
        rendezvous.Set("nccl/id", [.. new byte[128], .. BitConverter.GetBytes(22703)]);
        var error = Assert.Throws<BadInputException>(() => NcclCollective.Connect(Options with { Rank = 1, World = 2 }, rendezvous));
        Assert.StartsWith("Rank 0 has NCCL 2.27.3, this replica 2.21.5 (", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_IdOfAnotherLength_IsRefused()
    {
        var rendezvous = new MemoryRendezvous();
        rendezvous.Set("nccl/id", new byte[128]);
        Assert.Throws<CollectiveException>(() => NcclCollective.Connect(Options with { Rank = 1, World = 2 }, rendezvous));
    }

    [Fact]
    public void Structures_HaveTheirNativeSizes()
    {
        Assert.Equal(128, Unsafe.SizeOf<NcclLibrary.UniqueId>());
        Assert.Equal(24, Unsafe.SizeOf<NcclLibrary.Config>());
    }

    private static T[] Run<T>(int world, Func<NcclCollective, T> member, int device = 0)
    {
        var rendezvous = new MemoryRendezvous();
        return Members.Each(world, rank =>
        {
            var options = Options with { Rank = rank, World = world, Cuda = Options.Cuda with { Device = device } };
            using var group = NcclCollective.Connect(options, rendezvous);
            return member(group);
        });
    }

    private static T OnAnotherThread<T>(Func<T> call) => Task.Factory.StartNew(call, TaskCreationOptions.LongRunning).Result;
}
