using System.Runtime.InteropServices;

namespace ClipDistributed.TestKit.Gpu;

/// <summary>
/// A library with the functions of NCCL and of the CUDA runtime that a group uses, for machines without a GPU: see
/// native/standin.h. It has two devices. What is set here holds for the whole process.
/// </summary>
public static partial class StandIn
{
    private const string Name = "standin_gpu";

    /// <summary>Path of the library.</summary>
    public static string Library { get; } = Path.Combine(AppContext.BaseDirectory, $"lib{Name}.so");

    /// <summary>Appends a line for each call: thread, device, and what was called.</summary>
    [LibraryImport(Name, EntryPoint = "standin_gpu_log", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void LogTo(string path);

    /// <summary>The abort of a communicator does not return any more.</summary>
    [LibraryImport(Name, EntryPoint = "standin_gpu_hang_aborts")]
    public static partial void HangAborts([MarshalAs(UnmanagedType.I4)] bool hangs);

    /// <summary>How long an aborted operation still runs, and writes.</summary>
    [LibraryImport(Name, EntryPoint = "standin_gpu_linger")]
    public static partial void Linger(int milliseconds);

    /// <summary>The devices fail with this error of CUDA; 0: they work.</summary>
    [LibraryImport(Name, EntryPoint = "standin_gpu_break")]
    public static partial void Break(int error);

    /// <summary>What ncclGetVersion says, as in 22105 for 2.21.5.</summary>
    [LibraryImport(Name, EntryPoint = "standin_gpu_version")]
    public static partial void SetVersion(int version);

    /// <summary>The memory that each device has at first, bytes.</summary>
    public const long DefaultMemory = 16L << 30;

    /// <summary>The memory that each device has from now on, bytes.</summary>
    public static void SetMemory(long bytes) => standin_gpu_memory((nuint)bytes);

    /// <summary>Memory of the calling thread's device, which the host cannot read.</summary>
    public static nint Allocate(long bytes) =>
        cudaMalloc(out nint address, (nuint)bytes) == 0 ? address : throw new InvalidOperationException("the stand-in has no memory left");

    public static void Free(nint address) => _ = cudaFree(address);

    [LibraryImport(Name, EntryPoint = "standin_reach")]
    private static partial nint HostAddress(nint device);

    /// <summary>For the calling thread.</summary>
    public static void UseDevice(int device) => _ = cudaSetDevice(device);

    /// <summary>Fills memory of the device on the default stream, as a kernel that takes its time.</summary>
    public static unsafe void Fill(nint device, ReadOnlySpan<float> values, TimeSpan time)
    {
        fixed (float* from = values)
            _ = standin_gpu_fill(device, (nint)from, (nuint)(values.Length * sizeof(float)), (int)time.TotalMilliseconds);
    }

    /// <summary>What the device's memory holds now.</summary>
    public static unsafe float[] Read(nint device, int count) => new ReadOnlySpan<float>((void*)HostAddress(device), count).ToArray();

    [LibraryImport(Name)]
    private static partial int standin_gpu_fill(nint to, nint bytes, nuint count, int milliseconds);

    [LibraryImport(Name)]
    private static partial void standin_gpu_memory(nuint bytes);

    [LibraryImport(Name)]
    private static partial int cudaMalloc(out nint address, nuint bytes);

    [LibraryImport(Name)]
    private static partial int cudaSetDevice(int device);

    [LibraryImport(Name)]
    private static partial int cudaFree(nint address);
}
