using System.Buffers.Binary;

namespace ClipDistributed.Data.Images;

/// <summary>
/// The scans of a JPEG. Each goes over all pixels again, and may take twenty bytes: what libjpeg-turbo's authors call an issue of the
/// format (its "Two issues with the JPEG standard"), for readers to bound.
/// </summary>
internal static class JpegScans
{
    /// <summary>Encoders write about ten, and have no use for more than some hundred.</summary>
    private const int MaxScans = 500, FreeScans = 32;

    /// <summary>Pixels of all scans together, beyond the free ones: about as long as a decoder of another format may take.</summary>
    private const long MaxPixels = 1L << 30;

    private const byte StartOfScan = 0xDA, EndOfImage = 0xD9;

    /// <exception cref="DamagedImageException">There are more scans than an encoder writes, or than are decoded in seconds.</exception>
    public static void Check(ReadOnlySpan<byte> jpeg)
    {
        long pixels = 0;
        int components = 0, scans = 0;
        bool isProgressive = false;
        for (int at = 2; NextMarker(jpeg, ref at) is var marker and > 0 and not EndOfImage;)
        {
            if (marker is 0x01 or >= 0xD0 and <= 0xD8)
                continue; // has no length
            int length = at + 2 <= jpeg.Length ? BinaryPrimitives.ReadUInt16BigEndian(jpeg[at..]) : 0;
            if (length < 2 || length > jpeg.Length - at)
                return; // the decoder says what is wrong
            var segment = jpeg.Slice(at + 2, length - 2);
            at += length;
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && segment.Length >= 6)
            {
                isProgressive = marker is 0xC2 or 0xC6 or 0xCA or 0xCE;
                pixels = (long)BinaryPrimitives.ReadUInt16BigEndian(segment[1..]) * BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
                components = segment[5];
            }
            if (marker != StartOfScan)
                continue;
            scans++;
            if (scans == 1 && !isProgressive && segment.Length > 0 && segment[0] == components)
                return; // decoders stop after it
            if (scans > MaxScans || scans > FreeScans && scans * pixels > MaxPixels)
                throw new DamagedImageException(
                    $"is a JPEG of more than {scans - 1} scans over {pixels:N0} pixels, which no encoder writes"
                );
        }
    }

    /// <summary>Passes over what a scan holds; 0: there is none any more.</summary>
    private static byte NextMarker(ReadOnlySpan<byte> jpeg, ref int at)
    {
        while (at < jpeg.Length)
        {
            int found = jpeg[at..].IndexOf((byte)0xFF);
            if (found < 0)
                break;
            at += found + 1;
            if (at < jpeg.Length && jpeg[at] is not (0 or 0xFF))
                return jpeg[at++];
        }
        return 0;
    }
}
