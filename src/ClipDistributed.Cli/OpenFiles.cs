using System.Runtime.InteropServices;

namespace ClipDistributed.Cli;

/// <summary>
/// How many files this process may have open: each assembly takes two of them, and one that finds no room is reported as missing.
/// </summary>
internal static partial class OpenFiles
{
    /// <summary>For the largest command without a coordinator's connections.</summary>
    private const int Min = 256;

    private const int Limit = 7; // RLIMIT_NOFILE of Linux

    /// <returns>Null: there is room enough.</returns>
    public static string? FindTooFew()
    {
        Span<ulong> limits = stackalloc ulong[2]; // soft, which the runtime has raised to the hard one, and hard
        return getrlimit(Limit, limits) == 0 && limits[0] < Min
            ? $"this process may have {limits[0]} files open, and clipd needs {Min} or more; raise the limit before it is started (ulimit "
                + $"-n 1024)"
            : null;
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, Span<ulong> limits);
}
