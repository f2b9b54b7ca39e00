using System.Runtime.InteropServices;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.Memory;
using ClipDistributed.Training.Runs;
using TorchSharp;

namespace ClipDistributed.Training.Tests.Runs;

public sealed class RunMemoryTests
{
    private const long GiB = 1L << 30;

    /// <summary>One value that fits all, because none needs more memory for fewer rows.</summary>
    [Fact]
    public void AgreeOnMicroBatch_GpusDiffer_TakesTheSmallest()
    {
        long[] free = [80 * GiB, 6 * GiB, 24 * GiB];
        int[] alone = [.. free.Select(bytes => RunMemory.Of(OnGpu(bytes), settled: 0, asked: null).MicroBatch)];
        int[] agreed = ThreadReplicas.Run(free.Length, group =>
        {
            var memory = RunMemory.Of(OnGpu(free[group.Rank]), settled: 0, asked: null);
            memory.AgreeOnMicroBatch(group, torch.CPU);
            return memory.MicroBatch;
        });
        Assert.True(alone[1] < alone[2] && alone[2] < alone[0]);
        Assert.All(agreed, micro => Assert.Equal(alone[1], micro));
    }

    /// <summary>It was started before the others had settled one, and connected afterwards.</summary>
    [Fact]
    public void AgreeOnMicroBatch_RunKeepsMoreThanFitsHere_IsRefusedHereAlone()
    {
        bool[] refused = ThreadReplicas.Run(2, group =>
        {
            var memory = group.Rank == 0
                ? RunMemory.Of(OnGpu(80 * GiB), settled: 1024, asked: null)
                : RunMemory.Of(OnGpu(6 * GiB), settled: 0, asked: null);
            try
            {
                memory.AgreeOnMicroBatch(group, torch.CPU);
                return false;
            }
            catch (BadInputException)
            {
                return true;
            }
        });
        Assert.Equal([false, true], refused);
    }

    [Fact]
    public void Guard_HostIsFull_IsBadInputWithTheArithmetic()
    {
        var memory = RunMemory.Of(OnGpu(80 * GiB), settled: 0, asked: null);
        var refused = Assert.Throws<BadInputException>(() => memory.Guard(() => torch.empty(1L << 50)));
        Assert.Contains("this host has no memory left (", Assert.Single(refused.Errors), StringComparison.Ordinal);
        Assert.Contains("staging ", refused.Message, StringComparison.Ordinal);
        Assert.False(refused.OfDevice);
    }

    [Fact]
    public void Guard_GpuIsFull_IsBadInputWithTheArithmetic()
    {
        var memory = RunMemory.Of(OnGpu(80 * GiB), settled: 0, asked: 64);
        var refused = Assert.Throws<BadInputException>(() =>
            memory.Guard<int>(() => throw new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB.\nframe 0"))
        );
        string error = Assert.Single(refused.Errors);
        Assert.StartsWith("cuda:0 has no memory left (CUDA out of memory. Tried to allocate 2.00 GiB). Planned were ", error);
        Assert.Contains("activations of 64 rows, ", error, StringComparison.Ordinal);
        Assert.Contains("Lower batch.micro (it is 64), ", error, StringComparison.Ordinal);
        Assert.True(refused.OfDevice);
    }

    [Fact]
    public void Guard_OtherFailure_StaysWhatItIs() =>
        Assert.Throws<ExternalException>(() =>
            RunMemory.Of(OnGpu(80 * GiB), settled: 0, asked: null).Guard<int>(() => throw new ExternalException("shapes do not match"))
        );

    [Fact]
    public void Planned_Gpu_NamesBothMemories()
    {
        var planned = RunMemory.Of(OnGpu(24 * GiB), settled: 0, asked: null).Planned();
        Assert.Equal(planned.Parts.Sum(part => part.Bytes), planned.Bytes);
        Assert.Equal(64 * GiB, planned.AvailableBytes);
        Assert.Equal(("cuda:0", 24 * GiB, 80 * GiB), (planned.Gpu.Device, planned.Gpu.FreeBytes, planned.Gpu.TotalBytes));
        Assert.Equal(planned.Gpu.Parts.Sum(part => part.Bytes), planned.Gpu.Bytes);
    }

    private static MemoryFit OnGpu(long free) => new(
        new MemoryNeeds(
            ModelPresets.Find("ViT-B-32")!.Model,
            OptimizerName.Adamw,
            Precision.Bfloat16,
            GlobalBatch: 4096,
            MicroBatch: 0,
            Replicas: 1,
            ReadBytes: 64 << 20,
            Evaluates: false,
            HeldOutBytes: 0
        ),
        MaxReplicas: 3,
        new MemoryLimits(64 * GiB, new CudaMemory(0, free, 80 * GiB))
    );
}
