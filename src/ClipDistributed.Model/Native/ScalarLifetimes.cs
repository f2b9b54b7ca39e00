using System.Runtime.InteropServices;
using TorchSharp;

namespace ClipDistributed.Model.Native;

/// <summary>
/// Keeps TorchSharp's Scalars alive for longer than the operators that read them: each <c>a + b</c> makes one, whose
/// finalizer may otherwise run in the middle of it (measured: two of three runs of 1,000 small steps ended so).
/// </summary>
internal static unsafe class ScalarLifetimes
{
    private const string Shim = "libclipd_scalars.so", TorchSharp = "LibTorchSharp";

    private static readonly Lock Gate = new();
    private static bool isExtended;

    /// <summary>To be called before TorchSharp's first call.</summary>
    /// <param name="torchSharp">The loaded native library of TorchSharp.</param>
    /// <exception cref="DllNotFoundException">The build left the shim out.</exception>
    public static void Extend(nint torchSharp)
    {
        lock (Gate)
        {
            if (isExtended)
                return;
            nint shim = NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, Shim));
            ((delegate* unmanaged<nint, void>)NativeLibrary.GetExport(shim, "clipd_scalars_dispose_with"))(
                NativeLibrary.GetExport(torchSharp, "THSTorch_dispose_scalar")
            );
            NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name == TorchSharp ? shim : 0);
            isExtended = true;
        }
    }
}
