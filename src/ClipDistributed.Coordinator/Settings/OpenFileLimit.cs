using System.Runtime.InteropServices;

namespace ClipDistributed.Coordinator.Settings;

/// <summary>How many files and sockets this process may have open at once.</summary>
internal static partial class OpenFileLimit
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE of Linux

    /// <summary>
    /// For everything but connections: two for each assembly that is loaded, the store, logs, and the shards and run directories of jobs
    /// that are submitted.
    /// </summary>
    private const long Reserved = 320;

    private const int MinConnections = 32, MaxConnections = 100_000;

    /// <summary>The fewest open files that a coordinator needs.</summary>
    public const long Min = Reserved + MinConnections;

    /// <summary>How many of them may be connections.</summary>
    public static int Connections => (int)Math.Clamp(Current - Reserved, MinConnections, MaxConnections);

    /// <summary>The .NET runtime has raised it to the highest that is allowed.</summary>
    public static long Current
    {
        get
        {
            Span<ulong> limits = stackalloc ulong[2]; // soft and hard
            return getrlimit(OpenFiles, limits) == 0 ? (long)Math.Min(limits[0], long.MaxValue) : long.MaxValue;
        }
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, Span<ulong> limits);
}
