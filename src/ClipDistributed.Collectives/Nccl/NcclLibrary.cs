using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ClipDistributed.Collectives.Cuda;

namespace ClipDistributed.Collectives.Nccl;

/// <summary>The part of NCCL 2 (2.14 or newer) that a group needs, under its native names.</summary>
internal sealed unsafe class NcclLibrary
{
    public const int Success = 0;
    public const int InProgress = 7; // ncclInProgress
    public const int Sum = 0; // ncclSum

    public readonly delegate* unmanaged<int*, int> ncclGetVersion;
    public readonly delegate* unmanaged<UniqueId*, int> ncclGetUniqueId;
    public readonly delegate* unmanaged<nint*, int, UniqueId, int, Config*, int> ncclCommInitRankConfig;
    public readonly delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int> ncclAllReduce;
    public readonly delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int> ncclBroadcast;
    public readonly delegate* unmanaged<int> ncclGroupStart;
    public readonly delegate* unmanaged<int> ncclGroupEnd;
    public readonly delegate* unmanaged<nint, int*, int> ncclCommGetAsyncError;
    public readonly delegate* unmanaged<nint, int> ncclCommFinalize;
    public readonly delegate* unmanaged<nint, int> ncclCommDestroy;
    public readonly delegate* unmanaged<nint, int> ncclCommAbort;

    private readonly delegate* unmanaged<int, byte*> ncclGetErrorString;
    private readonly delegate* unmanaged<nint, byte*> ncclGetLastError;

    public NcclLibrary(NcclOptions options)
    {
        var table = new NativeTable("NCCL, which joins replicas on GPUs,", options.NcclLibrary,
            [.. MappedLibraries.Named("libnccl.so"), .. MappedLibraries.Named("libtorch_cuda.so"), "libnccl.so.2"],
            nameof(ncclCommInitRankConfig), "install NCCL 2.14 or newer (NVIDIA's package libnccl2) or give the path of libnccl.so.2");
        Path = table.Path;
        ncclGetVersion = (delegate* unmanaged<int*, int>)table[nameof(ncclGetVersion)];
        ncclGetUniqueId = (delegate* unmanaged<UniqueId*, int>)table[nameof(ncclGetUniqueId)];
        ncclCommInitRankConfig = (delegate* unmanaged<nint*, int, UniqueId, int, Config*, int>)table[nameof(ncclCommInitRankConfig)];
        ncclAllReduce = (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)table[nameof(ncclAllReduce)];
        ncclBroadcast = (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)table[nameof(ncclBroadcast)];
        ncclGroupStart = (delegate* unmanaged<int>)table[nameof(ncclGroupStart)];
        ncclGroupEnd = (delegate* unmanaged<int>)table[nameof(ncclGroupEnd)];
        ncclCommGetAsyncError = (delegate* unmanaged<nint, int*, int>)table[nameof(ncclCommGetAsyncError)];
        ncclCommFinalize = (delegate* unmanaged<nint, int>)table[nameof(ncclCommFinalize)];
        ncclCommDestroy = (delegate* unmanaged<nint, int>)table[nameof(ncclCommDestroy)];
        ncclCommAbort = (delegate* unmanaged<nint, int>)table[nameof(ncclCommAbort)];
        ncclGetErrorString = (delegate* unmanaged<int, byte*>)table[nameof(ncclGetErrorString)];
        ncclGetLastError = (delegate* unmanaged<nint, byte*>)table[nameof(ncclGetLastError)];
    }

    /// <summary>Of the library that was found.</summary>
    public string Path { get; }

    /// <summary>As in 22105.</summary>
    public int Version()
    {
        int version;
        return ncclGetVersion(&version) == Success ? version : 0;
    }

    /// <summary>As in <c>2.21.5</c>.</summary>
    public static string Text(int version) => $"{version / 10000}.{version / 100 % 100}.{version % 100}";

    /// <summary>The kind of error, and what happened: that a GPU had no memory left is in the second alone.</summary>
    public string Describe(int result)
    {
        string? detail = Marshal.PtrToStringUTF8((nint)ncclGetLastError(0))?.ReplaceLineEndings(" ").Trim();
        string kind = $"NCCL: {Marshal.PtrToStringUTF8((nint)ncclGetErrorString(result))}";
        return string.IsNullOrEmpty(detail) ? kind : $"{kind} ({detail})";
    }

    /// <summary>ncclDataType_t.</summary>
    public static int TypeOf(ElementType type) => type switch
    {
        ElementType.Byte => 1, // ncclUint8
        ElementType.Float32 => 7,
        ElementType.BFloat16 => 9,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };

    /// <summary>ncclUniqueId.</summary>
    [InlineArray(128)]
    public struct UniqueId
    {
        private byte first;
    }

    /// <summary>ncclConfig_t as of 2.14; its size and version tell newer libraries to take their defaults for the rest.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Config
    {
        private readonly nuint size = (nuint)sizeof(Config);
        private readonly uint magic = 0xcafebeef;
        private readonly uint version = 21400;
        private readonly int blocking; // 0: calls return at once, and the communicator can be aborted at any time

        public Config()
        {
        }
    }
}
