namespace ClipDistributed.Collectives.Cuda;

/// <summary>The shared libraries that this process holds already. libtorch brings its NCCL and CUDA runtime along, and a second copy of
/// either would not know the first one's streams and memory.</summary>
internal static class MappedLibraries
{
    /// <summary>Paths of those whose file names begin like this, as in <c>libcudart.so</c>.</summary>
    public static IEnumerable<string> Named(string start) => Named(start, File.ReadLines("/proc/self/maps"));

    /// <param name="maps">Lines as in /proc/self/maps.</param>
    internal static IEnumerable<string> Named(string start, IEnumerable<string> maps)
    {
        // Address, permissions, offset, device, inode and, of files, the path, which may hold blanks.
        return maps.Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 6)
            .Select(fields => fields[5].Trim())
            .Where(path => path[0] == '/' && Path.GetFileName(path).StartsWith(start, StringComparison.Ordinal))
            .Where(path => !path.EndsWith(" (deleted)", StringComparison.Ordinal))
            .Distinct();
    }
}
