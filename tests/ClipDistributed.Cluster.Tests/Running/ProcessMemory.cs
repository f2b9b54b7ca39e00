using System.Globalization;
using System.Runtime.InteropServices;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>Another process's memory, changed from outside as a failing chip would.</summary>
internal static class ProcessMemory
{
    /// <summary>Puts another value wherever these numbers follow each other, in the first one's place.</summary>
    /// <returns>The number of such places.</returns>
    public static int Overwrite(int process, ReadOnlySpan<float> numbers, float value)
    {
        int places = 0;
        using var memory = new FileStream($"/proc/{process}/mem", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var wanted = MemoryMarshal.AsBytes(numbers);
        var (start, end) = Heap(process);
        byte[] bytes = new byte[end - start];
        memory.Position = start;
        int read = memory.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        for (int at = 0; bytes.AsSpan(at, read - at).IndexOf(wanted) is var found and >= 0; at += found + wanted.Length)
        {
            memory.Position = start + at + found;
            memory.Write(BitConverter.GetBytes(value));
            places++;
        }
        return places;
    }

    /// <summary>Where replicas keep all tensors: see MemoryReuse.</summary>
    private static (long Start, long End) Heap(int process)
    {
        string line = File.ReadLines($"/proc/{process}/maps").Single(line => line.EndsWith("[heap]", StringComparison.Ordinal));
        long[] ends = [.. line.Split(' ')[0].Split('-').Select(end => long.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        return (ends[0], ends[1]);
    }
}
