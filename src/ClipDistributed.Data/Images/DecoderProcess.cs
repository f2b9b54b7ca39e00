using System.Diagnostics;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Images;

/// <summary>
/// One <c>clipd-images</c>: a format's library that crashes, loops or fills its memory takes this process with it, not ours.
/// </summary>
internal sealed class DecoderProcess : IDisposable
{
    /// <summary>Of one image. Processor time, so that a busy machine does not change the verdict.</summary>
    private static readonly TimeSpan MinProcessorTime = TimeSpan.FromSeconds(8), MaxProcessorTime = TimeSpan.FromSeconds(30),
        WallLimit = TimeSpan.FromMinutes(5), Watch = TimeSpan.FromSeconds(1);

    private readonly Process process;
    private readonly BinaryWriter to;
    private readonly BinaryReader from;

    private DecoderProcess(Process process)
    {
        this.process = process;
        to = new BinaryWriter(process.StandardInput.BaseStream);
        from = new BinaryReader(new BufferedStream(process.StandardOutput.BaseStream, 1 << 16));
        process.ErrorDataReceived += (_, _) => { }; // what libraries complain of; the reply has it
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    /// <exception cref="BadInputException">The program is not there.</exception>
    public static DecoderProcess Start() => new(Process.Start(new ProcessStartInfo(Find())
    {
        RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
    })!);

    /// <param name="wallLimit">Of a decoder that computes nothing; null: the usual one.</param>
    /// <exception cref="DamagedImageException">The image is damaged, or takes too long.</exception>
    /// <exception cref="IOException">The process ended, or makes no sense; use another one.</exception>
    public RgbaImage Decode(ReadOnlySpan<byte> encoded, long maxPixels, TimeSpan? wallLimit = null)
    {
        var processorLimit = ProcessorLimit(encoded.Length);
        var wall = wallLimit ?? WallLimit;
        bool overrun = false;
        var clock = Stopwatch.StartNew();
        var before = ProcessorTime();
        var watch = new Timer(_ =>
        {
            if (clock.Elapsed < wall && ProcessorTime() - before < processorLimit)
                return;
            overrun = true;
            process.Kill();
        }, null, Watch, Watch);
        try
        {
            DecoderProtocol.WriteRequest(to, encoded, maxPixels);
            return DecoderProtocol.ReadReply(from, maxPixels);
        }
        catch (IOException) when (overrun)
        {
            process.WaitForExit(); // or it would be kept for the next image
            throw new DamagedImageException($"takes more than {processorLimit.TotalSeconds:0} s to decode");
        }
        finally
        {
            watch.DisposeAsync().AsTask().GetAwaiter().GetResult(); // it must not kill what another image uses, nor what is disposed
        }
    }

    /// <summary>A second more for every megabyte: what is large takes its time, a few bytes that take as long are made to.</summary>
    private static TimeSpan ProcessorLimit(int bytes) =>
        TimeSpan.FromSeconds(Math.Min(MaxProcessorTime.TotalSeconds, MinProcessorTime.TotalSeconds + bytes / 1e6));

    /// <summary>Ends the process if it has not ended.</summary>
    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }

    private TimeSpan ProcessorTime()
    {
        try
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
        catch (InvalidOperationException)
        {
            return TimeSpan.Zero; // it has ended
        }
    }

    /// <summary>Beside this program once published; in the sibling folder of a build.</summary>
    private static string Find()
    {
        string[] places = [Path.Combine(AppContext.BaseDirectory, DecoderProtocol.ProgramName),
            Path.Combine(AppContext.BaseDirectory, "..", DecoderProtocol.ProgramName, DecoderProtocol.ProgramName)];
        // A build leaves the first alone in folders that only start it.
        return places.FirstOrDefault(place => File.Exists(place) && File.Exists(place + ".dll"))
            ?? throw new BadInputException(
                $"{DecoderProtocol.ProgramName}, which decodes TIFF, AVIF and JPEG 2000, is not beside this "
                    + $"program (looked for {string.Join(" and ", places.Select(Path.GetFullPath))}); build with `make build`."
            );
    }
}
