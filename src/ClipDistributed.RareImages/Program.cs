using System.Runtime.InteropServices;
using ClipDistributed.Data.Images;
using ClipDistributed.RareImages;

// Decodes one image after the other for clipd and clipd-replica, until their end of the pipe closes.
ProcessLimits.Apply(DecoderProtocol.MemoryLimit);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true); // Ctrl-C is for who uses us
using var from = new BinaryReader(new BufferedStream(Console.OpenStandardInput(), 1 << 16));
using var to = new BinaryWriter(new BufferedStream(Console.OpenStandardOutput(), 1 << 16));
while (DecoderProtocol.ReadRequest(from) is var (encoded, maxPixels))
{
    try
    {
        DecoderProtocol.WriteImage(to, RareFormats.Decode(encoded, maxPixels));
    }
    catch (DamagedImageException damage)
    {
        DecoderProtocol.WriteDamage(to, damage.Reason);
    }
    catch (OutOfMemoryException)
    {
        DecoderProtocol.WriteDamage(to, $"needs more than {DecoderProtocol.MemoryLimit >> 20} MiB to decode");
    }
}
