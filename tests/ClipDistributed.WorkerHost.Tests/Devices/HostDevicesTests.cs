using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.WorkerHost.Devices;
using ClipDistributed.WorkerHost.Options;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class HostDevicesTests : IDisposable
{
    private static readonly NvidiaGpu[] Gpus = [new("NVIDIA L4", "GPU-1", MemoryMiB: 23034), new("NVIDIA L4", "GPU-2")];

    private readonly string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;

    private string LibTorch => Path.Combine(folder, "libtorch");

    [Fact]
    public void Find_LibTorchForGpus_OffersThem()
    {
        var found = HostDevices.Find(Options(cuda: true), Gpus);
        (DeviceKind, int)[] expected = [(DeviceKind.Cpu, 0), (DeviceKind.Cuda, 0), (DeviceKind.Cuda, 1)];
        Assert.Equal(expected, found.Offered.Select(each => (each.Kind, each.Index)));
        int threads = found.Offered[0].Threads;
        Device first = new() { Kind = DeviceKind.Cuda, Name = "NVIDIA L4", Uuid = "GPU-1", MemoryBytes = 23034L << 20, Threads = threads };
        Device second = new() { Kind = DeviceKind.Cuda, Index = 1, Name = "NVIDIA L4", Uuid = "GPU-2", Threads = threads };
        Assert.Equal([first, second], found.Offered.Skip(1));
        Assert.Null(found.Notice);
    }

    [Fact]
    public void Find_LibTorchForProcessorsAlone_OffersNoGpuAndSaysWhy()
    {
        var found = HostDevices.Find(Options(cuda: false), Gpus);
        Assert.All(found.Offered, each => Assert.Equal(DeviceKind.Cpu, each.Kind));
        Assert.Contains($"the libtorch in {LibTorch} computes on processors alone", found.Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_ProgramIsALink_LooksBesideItsTarget()
    {
        var options = Options(cuda: true);
        string link = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName, "clipd-replica");
        File.WriteAllText(options.ReplicaProgram, "");
        File.CreateSymbolicLink(link, options.ReplicaProgram);
        Assert.Equal(3, HostDevices.Find(options with { ReplicaProgram = link }, Gpus).Offered.Count);
    }

    [Theory]
    [InlineData(false, 1, "0")] // they cannot be used
    [InlineData(true, 1, "0,7")] // there is none of that number
    [InlineData(true, 0, "")] // nothing is left
    [InlineData(false, 0, null)]
    public void Find_WhatIsAskedForCannotBeOffered_IsBadInput(bool cuda, int slots, string? gpus)
    {
        var wanted = gpus?.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToList();
        Assert.Throws<BadInputException>(() => HostDevices.Find(Options(cuda) with { Slots = slots, Gpus = wanted }, Gpus));
    }

    [Fact]
    public void Find_GpuCutIntoInstances_IsRefusedByNumber()
    {
        var error = Assert.Throws<BadInputException>(() => HostDevices.Find(Options(cuda: true), [Gpus[0], Gpus[1] with { IsCut = true }]));
        Assert.StartsWith("GPU 1 is cut into MIG instances", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, HostDevices.Find(Options(cuda: true) with { Gpus = [0] }, [Gpus[0], Gpus[1] with { IsCut = true }]).Offered.Count);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private WorkerOptions Options(bool cuda)
    {
        if (cuda)
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(LibTorch).FullName, "libtorch_cuda.so"), "");
        return new WorkerOptions { Coordinator = "http://127.0.0.1:7071", ReplicaProgram = Path.Combine(folder, "clipd-replica") };
    }
}
