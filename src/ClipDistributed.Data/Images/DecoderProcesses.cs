using System.Collections.Concurrent;

namespace ClipDistributed.Data.Images;

/// <summary>
/// The decoders of TIFF, AVIF and JPEG 2000: started with the first such image, kept for the next, ended with this process by the end of
/// their input. Safe on many threads at once.
/// </summary>
internal static class DecoderProcesses
{
    private static readonly ConcurrentBag<DecoderProcess> Idle = [];
    private static readonly SemaphoreSlim Places = new(Math.Clamp(Environment.ProcessorCount, 1, 4)); // each may take MemoryLimit

    /// <exception cref="DamagedImageException">The image is damaged, takes too long, or ends a new decoder.</exception>
    public static RgbaImage Decode(ReadOnlySpan<byte> encoded, long maxPixels)
    {
        Places.Wait();
        try
        {
            // An idle decoder may have been ended by something else than this image: only a new one's end says something about it.
            return (Idle.TryTake(out var idle) ? TryDecode(idle, encoded, maxPixels) : null)
                ?? TryDecode(DecoderProcess.Start(), encoded, maxPixels)
                ?? throw new DamagedImageException($"ends its decoder, or needs more than {DecoderProtocol.MemoryLimit >> 20} MiB");
        }
        finally
        {
            Places.Release();
        }
    }

    /// <summary>Null: the decoder ended.</summary>
    private static RgbaImage? TryDecode(DecoderProcess decoder, ReadOnlySpan<byte> encoded, long maxPixels)
    {
        bool isInStep = true;
        try
        {
            return decoder.Decode(encoded, maxPixels);
        }
        catch (IOException)
        {
            isInStep = false;
            return null;
        }
        finally
        {
            if (isInStep && !decoder.HasEnded)
                Idle.Add(decoder);
            else
                decoder.Dispose();
        }
    }
}
