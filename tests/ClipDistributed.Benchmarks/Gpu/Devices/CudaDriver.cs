using System.Runtime.InteropServices;
using System.Text;

namespace ClipDistributed.Benchmarks.Gpu.Devices;

/// <summary>What NVIDIA's driver says about a GPU, under its native names: unlike the runtime's structures these calls stay as they
/// are. CUDA_VISIBLE_DEVICES counts here as it does for libtorch.</summary>
internal static partial class CudaDriver
{
    private const string Library = "libcuda.so.1";

    // CUdevice_attribute of cuda.h.
    private const int Multiprocessors = 16, MajorCapability = 75, MinorCapability = 76;

    /// <summary>The newest CUDA that it can run, as in <c>13.0</c>.</summary>
    public static string Version
    {
        get
        {
            Check(cuDriverGetVersion(out int version));
            return $"{version / 1000}.{version % 1000 / 10}";
        }
    }

    /// <summary>As in <c>NVIDIA H100 80GB HBM3</c>.</summary>
    public static unsafe string Name(int ordinal)
    {
        byte* name = stackalloc byte[256];
        Check(cuDeviceGetName(name, 256, Device(ordinal)));
        return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
    }

    /// <summary>As in <c>9.0</c>.</summary>
    public static string Capability(int ordinal) => $"{Attribute(ordinal, MajorCapability)}.{Attribute(ordinal, MinorCapability)}";

    public static int MultiprocessorsOf(int ordinal) => Attribute(ordinal, Multiprocessors);

    /// <summary>Bytes that no process uses, and all bytes. The context is the one that libtorch uses.</summary>
    public static (long Free, long Total) Memory(int ordinal)
    {
        int device = Device(ordinal);
        Check(cuDevicePrimaryCtxRetain(out nint context, device));
        try
        {
            Check(cuCtxPushCurrent_v2(context));
            Check(cuMemGetInfo_v2(out nuint free, out nuint total));
            Check(cuCtxPopCurrent_v2(out _));
            return ((long)free, (long)total);
        }
        finally
        {
            _ = cuDevicePrimaryCtxRelease_v2(device);
        }
    }

    private static int Attribute(int ordinal, int attribute)
    {
        Check(cuDeviceGetAttribute(out int value, attribute, Device(ordinal)));
        return value;
    }

    private static int Device(int ordinal)
    {
        Check(cuInit(0));
        Check(cuDeviceGet(out int device, ordinal));
        return device;
    }

    private static void Check(int result)
    {
        if (result != 0)
            throw new InvalidOperationException($"the driver returns error {result}");
    }

    [LibraryImport(Library)]
    private static partial int cuInit(uint flags);

    [LibraryImport(Library)]
    private static partial int cuDriverGetVersion(out int version);

    [LibraryImport(Library)]
    private static partial int cuDeviceGet(out int device, int ordinal);

    [LibraryImport(Library)]
    private static unsafe partial int cuDeviceGetName(byte* name, int length, int device);

    [LibraryImport(Library)]
    private static partial int cuDeviceGetAttribute(out int value, int attribute, int device);

    [LibraryImport(Library)]
    private static partial int cuDevicePrimaryCtxRetain(out nint context, int device);

    [LibraryImport(Library)]
    private static partial int cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(Library)]
    private static partial int cuCtxPushCurrent_v2(nint context);

    [LibraryImport(Library)]
    private static partial int cuCtxPopCurrent_v2(out nint context);

    [LibraryImport(Library)]
    private static partial int cuMemGetInfo_v2(out nuint free, out nuint total);
}
