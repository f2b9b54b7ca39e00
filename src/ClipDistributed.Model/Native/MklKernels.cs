using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Native;

/// <summary>
/// What MKL leaves to its users. On Intel's processors it is to give the same bits from run to run, which it promises in its
/// mode of conditional numerical reproducibility alone (oneMKL developer guide, "Obtaining Numerically Reproducible Results"): AUTO keeps
/// the kernels that it would choose anyway, at their speed. And it is to use AVX-512 on processors that have it but are not Intel's: it
/// chooses by vendor, and its AVX2 kernels reach half the rate (2048³ float32 on two cores of an AMD EPYC 9005: 130 against 240 GFLOP/s).
/// That answer is put where the dynamic linker finds it before MKL's own, so nothing of libtorch is changed.
/// </summary>
internal static partial class MklKernels
{
    private const int Now = 2, Global = 0x100; // RTLD_NOW, RTLD_GLOBAL of dlfcn.h

    private const string Shim = "libclipd_mkl.so", Reproducibility = "MKL_CBWR";

    /// <summary>To be called before libtorch is loaded. What the user has set stays as it is.</summary>
    /// <exception cref="DllNotFoundException">The build left the shim out.</exception>
    public static void Choose()
    {
        if (Vendor == "GenuineIntel")
            _ = setenv(Reproducibility, "AUTO", overwrite: 0);
        if (!IsForeignAvx512())
            return;
        string path = Path.Combine(AppContext.BaseDirectory, Shim);
        if (dlopen(path, Now | Global) == 0)
            throw new DllNotFoundException($"{path} cannot be loaded.");
    }

    /// <summary>
    /// Lets this thread alone make the first call of MKL's vector functions, of which libtorch takes exp, log and others. All of them ask
    /// <c>mkl_vml_serv_cpu_detect</c> for the index of their kernels. In the first call (oneMKL 2024.2) it stores the number of the
    /// processor where the index belongs, and replaces it a few instructions later: a second thread that takes that number for the index
    /// computes its part of the tensor by another kernel. With AVX-512 that of exp has 13 bits, and a step's loss is wrong by 1e-5.
    /// See pytorch/pytorch issue 188792.
    /// </summary>
    /// <remarks>To be called once libtorch is loaded, before several threads share an operator.</remarks>
    public static void FindVectorKernels()
    {
        using var few = zeros(2); // too few to be shared
        few.exp_();
    }

    private static bool IsForeignAvx512() =>
        X86Base.IsSupported && Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported
        && Vendor == "AuthenticAMD";

    private static string Vendor
    {
        get
        {
            if (!X86Base.IsSupported)
                return "";
            var (_, b, c, d) = X86Base.CpuId(0, 0);
            return Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([b, d, c]));
        }
    }

    // NativeLibrary.Load keeps symbols to the library; this one has to be seen by others.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint dlopen(string path, int flags);

    // .NET's own copy of the environment is not what MKL reads.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
