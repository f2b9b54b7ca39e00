using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using ClipDistributed.Model.Native;

namespace ClipDistributed.Model.Tests.Native;

public partial class MklKernelsTests
{
    [Fact]
    public void Choose_OnIntels_AsksMklForTheSameBitsFromRunToRun()
    {
        Assert.SkipUnless(X86Base.IsSupported && X86Base.CpuId(0, 0).Ebx == 0x756E6547, "not an Intel processor"); // "Genu"
        MklKernels.Choose();
        Assert.Equal("AUTO", Marshal.PtrToStringUTF8(getenv("MKL_CBWR")));
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getenv(string name);
}
