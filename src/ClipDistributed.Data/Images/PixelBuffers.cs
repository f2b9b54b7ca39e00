using System.Buffers;

namespace ClipDistributed.Data.Images;

/// <summary>Arrays for pixels, from the shared pool; but it keeps an array for each thread, so those of large images are not given to
/// it.</summary>
internal static class PixelBuffers
{
    private const int MaxPooled = 1 << 26;

    /// <summary>As long or longer.</summary>
    public static byte[] Rent(int length) =>
        length <= MaxPooled ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);

    public static void Return(byte[] pixels)
    {
        if (pixels.Length <= MaxPooled)
            ArrayPool<byte>.Shared.Return(pixels);
    }
}
