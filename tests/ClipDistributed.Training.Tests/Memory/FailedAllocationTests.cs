using System.Runtime.InteropServices;
using ClipDistributed.Collectives;
using ClipDistributed.Training.Memory;
using TorchSharp;

namespace ClipDistributed.Training.Tests.Memory;

public sealed class FailedAllocationTests
{
    private const string Full =
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.77 GiB of which 1.06 GiB is free.";

    [Fact]
    public void Of_MoreThanTheHostHas_IsWhatLibtorchReports()
    {
        var thrown = Assert.Throws<ExternalException>(() => torch.empty(1L << 50));
        var failed = FailedAllocation.Of(thrown);
        Assert.NotNull(failed);
        Assert.False(failed.OnGpu);
        Assert.DoesNotContain('\n', failed.Text);
    }

    [Theory]
    [InlineData(Full + " If reserved but unallocated memory is large try X=Y.\nException raised from malloc at /a.cpp:1 (frames follow)")]
    [InlineData("The following operation failed in the TorchScript interpreter.\nTraceback:\nRuntimeError: " + Full + "\n")]
    public void Of_GpuIsFull_KeepsTheLineThatSaysSo(string message) =>
        Assert.Equal(
            new FailedAllocation(true, Full.TrimEnd('.')),
            FailedAllocation.Of(new ExternalException(message))
        );

    [Theory]
    [InlineData("CUDA error: out of memory")]
    [InlineData("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")]
    [InlineData("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED")]
    public void Of_LibraryWithoutRoom_IsOfTheGpu(string message) => Assert.True(FailedAllocation.Of(new ExternalException(message))?.OnGpu);

    [Theory]
    [InlineData("CUDA: out of memory")]
    [InlineData("NCCL: unhandled cuda error (Cuda failure 2 'out of memory')")]
    public void Of_GroupWithoutRoom_IsOfTheGpu(string detail) =>
        Assert.True(FailedAllocation.Of(new CollectiveException("connect", "generation 1", detail))?.OnGpu);

    [Fact]
    public void Of_OtherErrors_IsNone()
    {
        Assert.Null(FailedAllocation.Of(new ExternalException("CUDA error: an illegal memory access was encountered")));
        Assert.Null(FailedAllocation.Of(new CollectiveException("connect", "generation 1", "a peer was lost")));
        Assert.Null(FailedAllocation.Of(new InvalidOperationException("CUDA out of memory"))); // a bug's text is no evidence
    }
}
