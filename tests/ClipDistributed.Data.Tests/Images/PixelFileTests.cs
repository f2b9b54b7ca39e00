using System.Text.Json;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Tests.Images;

public sealed class PixelFileTests
{
    [Fact]
    public void Write_TwoImages_IsASafetensorsFile()
    {
        using var stream = new MemoryStream();
        byte[] first = [.. Enumerable.Range(0, 12).Select(i => (byte)i)], second = [.. Enumerable.Range(100, 12).Select(i => (byte)i)];
        PixelFile.Write(stream, 2, [("a \"quoted\" näme.jpg", first), ("b.png", second)]);
        byte[] file = stream.ToArray();
        int header = (int)BitConverter.ToInt64(file);
        Assert.Equal(0, header % 8);
        var json = JsonDocument.Parse(file.AsMemory(8, header)).RootElement;
        Assert.Equal("""{"dtype":"U8","shape":[3,2,2],"data_offsets":[12,24]}""", json.GetProperty("b.png").GetRawText());
        Assert.Equal([.. first, .. second], file[(8 + header)..]);
        Assert.True(json.TryGetProperty("a \"quoted\" näme.jpg", out _));
    }
}
