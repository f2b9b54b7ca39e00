using ClipDistributed.Contracts.Safetensors;
using ClipDistributed.Contracts.Weights;

namespace ClipDistributed.Contracts.Tests.Weights;

/// <summary>The values of an entry, gathered from its file one by one.</summary>
internal static class Values
{
    /// <summary>Their bytes, row after row.</summary>
    public static byte[] Of(WeightEntry entry)
    {
        byte[] file = File.ReadAllBytes(entry.Path);
        int size = NumberFormats.SizeOf(entry.Format)!.Value;
        long[] strides = entry.Strides ?? Contiguous(entry.Shape);
        var values = new List<byte>();
        for (long index = 0; index < entry.Count; index++)
        {
            long rest = index, at = 0;
            for (int axis = entry.Shape.Length - 1; axis >= 0; axis--)
                (rest, at) = (rest / entry.Shape[axis], at + rest % entry.Shape[axis] * strides[axis]);
            Assert.True(at < entry.Reach);
            var value = file.AsSpan((int)(entry.Start + at * size), size).ToArray();
            values.AddRange(entry.BigEndian ? value.Reverse() : value);
        }
        return [.. values];
    }

    public static float[] FloatsOf(WeightEntry entry) => [.. Of(entry).Chunk(4).Select(value => BitConverter.ToSingle(value))];

    private static long[] Contiguous(long[] shape)
    {
        long[] strides = new long[shape.Length];
        long step = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
            (strides[axis], step) = (step, step * shape[axis]);
        return strides;
    }
}
