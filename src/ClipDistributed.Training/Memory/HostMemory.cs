using System.Globalization;

namespace ClipDistributed.Training.Memory;

/// <summary>The memory that this process may use and has used, as Linux reports it.</summary>
public static class HostMemory
{
    /// <summary>Bytes that this process may use in all: what it has, and what the host or its control group still gives.</summary>
    /// <param name="limit">No more than this; null: no such limit.</param>
    /// <param name="root">Where <c>proc</c> and <c>sys</c> are.</param>
    public static long Available(long? limit, string root = "/")
    {
        string group = Path.Combine(root, "sys/fs/cgroup");
        long free = Read(Path.Combine(root, "proc/meminfo"), "MemAvailable:") ?? long.MaxValue;
        if (Number($"{group}/memory.max") is { } max)
            free = Math.Min(free, Math.Max(0, max - (Number($"{group}/memory.current") ?? 0) + FileCache(group)));
        long all = free == long.MaxValue ? free : free + Environment.WorkingSet;
        return Math.Min(all, limit ?? long.MaxValue);
    }

    /// <summary>The peak of this process's resident memory, bytes (VmHWM); 0 where it is not reported.</summary>
    public static long Peak() => Read("/proc/self/status", "VmHWM:") ?? 0;

    /// <summary>The page cache of the control group, bytes: shards and checkpoints fill it, and it is reclaimed when memory is
    /// needed.</summary>
    private static long FileCache(string group) =>
        (Read($"{group}/memory.stat", "inactive_file ") ?? 0) + (Read($"{group}/memory.stat", "active_file ") ?? 0);

    /// <summary>A line such as <c>MemAvailable:   23456 kB</c>, or without a unit.</summary>
    private static long? Read(string path, string key)
    {
        if (!File.Exists(path))
            return null;
        string? line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        if (line is null)
            return null;
        long unit = line.EndsWith("kB", StringComparison.Ordinal) ? 1024 : 1;
        return unit * long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>Null where there is no such file, or it holds "max".</summary>
    private static long? Number(string path) =>
        File.Exists(path) && long.TryParse(File.ReadAllText(path).Trim(), CultureInfo.InvariantCulture, out long number) ? number : null;
}
