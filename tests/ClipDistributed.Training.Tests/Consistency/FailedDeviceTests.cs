using System.Runtime.InteropServices;
using ClipDistributed.Training.Consistency;

namespace ClipDistributed.Training.Tests.Consistency;

public sealed class FailedDeviceTests
{
    [Theory]
    [InlineData("uncorrectable ECC error encountered")]
    [InlineData("an illegal memory access was encountered")]
    [InlineData("unspecified launch failure")]
    public void Of_EveryFurtherCallFailsToo_IsWhatCudaReports(string fault) =>
        Assert.Equal(
            $"CUDA error: {fault}",
            FailedDevice.Of(new ExternalException($"CUDA error: {fault}\nCUDA kernel errors might be reported later.\nException raised")));

    [Theory]
    [InlineData("CUDA error: out of memory")] // others may find some
    [InlineData("CUDA error: device-side assert triggered")] // a bug of ours, on every device
    [InlineData("an illegal memory access was encountered")]
    public void Of_SomethingElse_IsNone(string message) => Assert.Null(FailedDevice.Of(new ExternalException(message)));

    [Fact]
    public void Of_ExceptionThatIsNotLibtorchs_IsNone() =>
        Assert.Null(FailedDevice.Of(new InvalidOperationException("CUDA error: unspecified launch failure")));
}
