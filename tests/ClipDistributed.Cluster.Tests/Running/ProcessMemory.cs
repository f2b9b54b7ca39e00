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
        foreach (var (start, end) in Regions(process))
        {
            byte[] bytes = new byte[end - start];
            int read = Read(memory, start, bytes);
            for (int at = 0; bytes.AsSpan(at, read - at).IndexOf(wanted) is var found and >= 0; at += found + wanted.Length)
            {
                memory.Position = start + at + found;
                memory.Write(BitConverter.GetBytes(value));
                places++;
            }
        }
        return places;
    }

    private static int Read(FileStream memory, long start, byte[] bytes)
    {
        try
        {
            memory.Position = start;
            return memory.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (IOException)
        {
            return 0; // given back meanwhile
        }
    }

    /// <summary>Where tensors can be: the heap, and what else is not a file's.</summary>
    private static List<(long Start, long End)> Regions(int process) =>
    [
        .. from line in File.ReadLines($"/proc/{process}/maps")
           let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
           where words[1] == "rw-p" && (words.Length == 5 || words[5] == "[heap]")
           let ends = words[0].Split('-').Select(end => long.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray()
           where ends[1] - ends[0] < 1L << 30
           select (ends[0], ends[1]),
    ];
}
