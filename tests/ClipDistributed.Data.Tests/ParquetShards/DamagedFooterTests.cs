using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Tests.Samples;
using Parquet.Schema;

namespace ClipDistributed.Data.Tests.ParquetShards;

public class DamagedFooterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // Parquet.Net 6.1 alone reads on for ever where the footer ends inside a number.
    [Fact]
    public async Task Build_FooterEndsInsideANumber_IsRefused()
    {
        byte[] footer = [0x15, 0x80];
        File.WriteAllBytes(folder.File("a.parquet"), [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8]);
        var building = Task.Run(() => ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]));
        var error = await Assert.ThrowsAsync<BadInputException>(() => building.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("the footer is damaged", error.Message);
    }

    [Fact]
    public async Task Build_AnyFooterByteOverwritten_IsReadOrRefused()
    {
        string path = folder.File("a.parquet");
        await WriteImagesAsync(path, rows: 3);
        byte[] good = File.ReadAllBytes(path);
        int footer = BitConverter.ToInt32(good, good.Length - 8);
        int refused = 0;
        for (int i = good.Length - 8 - footer; i < good.Length; i++)
        {
            foreach (byte value in new byte[] { 0x00, 0xFF })
            {
                byte[] bad = [.. good];
                bad[i] = value;
                File.WriteAllBytes(path, bad);
                try
                {
                    ManifestBuilder.Build([new SourceSpec { Path = path }]);
                }
                catch (BadInputException)
                {
                    refused++;
                }
            }
        }
        Assert.InRange(refused, footer / 2, footer * 2 + 16);
    }

    private static async Task WriteImagesAsync(string path, int rows)
    {
        var image = new DataField("image", typeof(byte[]));
        var caption = new DataField("caption", typeof(string));
        await TestDataset.WriteFileAsync(
            path,
            (image, group => group.WriteAsync(image, [.. Enumerable.Repeat(new byte[] { 1 }, rows)])),
            (caption, group => group.WriteAsync(caption, [.. Enumerable.Repeat("text", rows)])));
    }
}
