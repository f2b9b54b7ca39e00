using System.Runtime.InteropServices;
using ClipDistributed.Model.Native;

namespace ClipDistributed.Training.Tests.Member;

/// <summary>Which of its kernels MKL's vector functions take on this processor: the answer of mkl_vml_serv_cpu_detect.</summary>
internal static unsafe class VectorKernels
{
    private static readonly string Library = Path.Combine(LibTorchFolder.Open(null).Path, "libtorch_cpu.so");

    private static readonly byte* Code = (byte*)NativeLibrary.GetExport(NativeLibrary.Load(Library), "mkl_vml_serv_cpu_detect");

    /// <summary>What an earlier call found, read from memory without a call; -1: there was none.</summary>
    /// <exception cref="NotSupportedException">This MKL has other code; see there whether two threads may call it first.</exception>
    public static int Known =>
        Code[0] == 0x8b && Code[1] == 0x05 // mov eax, [rip + displacement]
            ? *(int*)(Code + 6 + *(int*)(Code + 2))
            : throw new NotSupportedException($"mkl_vml_serv_cpu_detect begins with {Convert.ToHexString(new Span<byte>(Code, 6))}.");

    public static int Find() => ((delegate* unmanaged<int>)Code)();
}
