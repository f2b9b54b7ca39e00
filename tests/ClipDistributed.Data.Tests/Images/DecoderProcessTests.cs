using System.Diagnostics;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Tests.Images;

public sealed class DecoderProcessTests
{
    private const int MaxPixels = 1 << 20;

    [Fact]
    public void Start_ADecoder_MayTakeNoMoreMemoryThanItsLimit()
    {
        using var decoder = DecoderProcess.Start();
        decoder.Decode(PillowFixture.Bytes("rgb.tif"), MaxPixels); // it has begun
        string[] limits = File.ReadAllLines($"/proc/{decoder.Id}/limits");
        Assert.Contains(
            $"{DecoderProtocol.MemoryLimit}",
            limits.Single(line => line.StartsWith("Max data size", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.Contains(
            " 0 ",
            limits.Single(line => line.StartsWith("Max core file size", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Decode_DamagedImage_LeavesTheDecoderInUse()
    {
        using var decoder = DecoderProcess.Start();
        Assert.Throws<DamagedImageException>(() => decoder.Decode([.. "II*\0 and no more"u8], MaxPixels));
        Assert.Throws<DamagedImageException>(() => decoder.Decode([], MaxPixels));
        Assert.Equal(13, decoder.Decode(PillowFixture.Bytes("rgb.tif"), MaxPixels).Width);
        Assert.False(decoder.HasEnded);
    }

    [Fact]
    public void Decode_DecoderThatComputesNothing_IsEndedAndTheImageDamaged()
    {
        using var decoder = DecoderProcess.Start();
        decoder.Decode(PillowFixture.Bytes("rgb.tif"), MaxPixels); // it has begun
        using (var stop = Process.Start("kill", ["-STOP", $"{decoder.Id}"]))
            stop.WaitForExit();
        var damage = Assert.Throws<DamagedImageException>(() =>
            decoder.Decode(PillowFixture.Bytes("rgb.tif"), MaxPixels, wallLimit: TimeSpan.Zero)
        );
        Assert.Contains("takes more than", damage.Message, StringComparison.Ordinal);
        Assert.True(decoder.HasEnded);
    }

    [Fact]
    public void Decode_DecoderThatEnded_IsNoVerdictOnTheImage()
    {
        using var decoder = DecoderProcess.Start();
        using (var process = Process.GetProcessById(decoder.Id))
        {
            process.Kill();
            process.WaitForExit();
        }
        Assert.ThrowsAny<IOException>(() => decoder.Decode(PillowFixture.Bytes("rgb.tif"), MaxPixels));
        Assert.True(decoder.HasEnded);
    }

    [Fact]
    public void Decode_AllDecodersKilledWhileIdle_StartsOthers()
    {
        _ = ImageDecoder.Decode(PillowFixture.Bytes("rgb.tif"), MaxPixels);
        foreach (var child in Process.GetProcessesByName(DecoderProtocol.ProgramName).Where(IsOurs))
            child.Kill();
        Assert.Equal(PillowFixture.Expected["rgb.jp2"].Pixels, ImageDecoder.Decode(PillowFixture.Bytes("rgb.jp2"), MaxPixels).Pixels);
    }

    [Fact]
    public void ReadReply_SizesThatLie_AreNoImage()
    {
        foreach (var (width, height) in new[] { (1 << 20, 2), (-1, 5), (0, 5), (int.MaxValue, int.MaxValue) })
        {
            using var reply = new MemoryStream();
            DecoderProtocol.WriteImage(new BinaryWriter(reply), new RgbaImage(width, height, true, []));
            reply.Position = 0;
            Assert.ThrowsAny<IOException>(() => DecoderProtocol.ReadReply(new BinaryReader(reply), MaxPixels));
        }
    }

    /// <summary>/proc/N/stat: number, name in brackets, state, parent.</summary>
    private static bool IsOurs(Process process)
    {
        string stat = File.ReadAllText($"/proc/{process.Id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == $"{Environment.ProcessId}";
    }
}
