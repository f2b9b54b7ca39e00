using System.Diagnostics;

namespace ClipDistributed.Contracts.Processes;

/// <summary>
/// Makes a child process keep the memory that its tensors give back. A step frees and takes the same gigabytes again and again;
/// left alone, glibc returns every larger piece to the kernel, and each page of the next step is a fault (measured: half of a
/// step of `small`). What a process has ever held it keeps, in large pages where the kernel offers them; a library that is loaded
/// before glibc lets an aligned piece be used again by one of its size (`native/clipd_memory.c`).
/// </summary>
public static class MemoryReuse
{
    // glibc reads them once, before main. One arena: memory that one thread freed serves the next one.
    private const string Tunables = "glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1:glibc.malloc.mmap_max=0:"
        + "glibc.malloc.trim_threshold=1000000000000:glibc.malloc.top_pad=67108864";

    private const string Variable = "GLIBC_TUNABLES", Preload = "LD_PRELOAD", Shim = "libclipd_memory.so";

    // The loader takes a list, and no quotes.
    private static readonly char[] Separators = [' ', ':'];

    /// <summary>
    /// Of a process that is about to be started, whose folder holds the library; tunables that the user has set stay as they are.
    /// </summary>
    public static void Apply(ProcessStartInfo start)
    {
        if (string.IsNullOrEmpty(start.Environment.TryGetValue(Variable, out string? set) ? set : null))
            start.Environment[Variable] = Tunables;
        string shim = Path.Combine(Path.GetDirectoryName(start.FileName) ?? "", Shim);
        if (File.Exists(shim) && shim.IndexOfAny(Separators) < 0)
            start.Environment[Preload] = start.Environment.TryGetValue(Preload, out string? others) && others is not (null or "")
                ? $"{shim}:{others}"
                : shim;
    }
}
