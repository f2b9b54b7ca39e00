using System.Runtime.InteropServices;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Collectives.Nccl;
using ClipDistributed.TestKit.Gpu;

namespace ClipDistributed.Collectives.Tests.Cuda;

public sealed class MappedLibrariesTests
{
    [Fact]
    public void Named_Maps_GivesEachPathOnce()
    {
        string[] maps =
        [
            "7f1c2a000000-7f1c2a021000 rw-p 00000000 00:00 0 ",
            "7f1c30000000-7f1c38000000 r-xp 00001000 08:01 1311  /opt/my torch/lib/libnccl.so.2",
            "7f1c38000000-7f1c38100000 r--p 08000000 08:01 1311  /opt/my torch/lib/libnccl.so.2",
            "7f1c39000000-7f1c39100000 r-xp 00000000 08:01 1312  /usr/lib/libnccl.so.2.21.5 (deleted)",
            "7f1c3a000000-7f1c3a100000 r-xp 00000000 08:01 1313  /usr/lib/libncclx.so",
            "7ffd0a5e2000-7ffd0a603000 rw-p 00000000 00:00 0     [stack]",
        ];
        Assert.Equal(["/opt/my torch/lib/libnccl.so.2"], MappedLibraries.Named("libnccl.so", maps));
    }

    /// <summary>libtorch's packages for CUDA have a hash in the name.</summary>
    [Fact]
    public void CudaRuntime_LibTorchHasLoadedItsOwn_IsTaken()
    {
        string folder = Directory.CreateTempSubdirectory("mapped-").FullName;
        string path = Path.Combine(folder, "libcudart-c3a75b33.so.12");
        File.Copy(StandIn.Library, path);
        nint loaded = NativeLibrary.Load(path);
        try
        {
            Assert.Equal(path, new CudaRuntime("generation 1", path: null).Path);
        }
        finally
        {
            NativeLibrary.Free(loaded);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void NcclLibrary_OneIsLoadedAlready_IsTaken()
    {
        string folder = Directory.CreateTempSubdirectory("mapped-").FullName;
        string path = Path.Combine(folder, "libnccl.so.2");
        File.Copy(StandIn.Library, path);
        nint loaded = NativeLibrary.Load(path);
        try
        {
            Assert.Equal(path, new NcclLibrary(new NcclOptions { Rank = 0, World = 1, Name = "generation 1" }).Path);
        }
        finally
        {
            NativeLibrary.Free(loaded);
            Directory.Delete(folder, recursive: true);
        }
    }
}
