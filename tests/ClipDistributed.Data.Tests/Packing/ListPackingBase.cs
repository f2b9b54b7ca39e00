using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Packing;
using ClipDistributed.Data.Shards;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Packing;

/// <summary>A folder of pictures that is packed with a list of captions.</summary>
public abstract class ListPackingBase : IDisposable
{
    protected TemporaryFolder Folder { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected PackOptions Options(string list) => new([Folder.File("in")], Folder.File("out"), list);

    protected static Task<PackSummary> PackAsync(PackOptions options) =>
        new FolderPacking(options).RunAsync(cancel: TestContext.Current.CancellationToken);

    protected void PutImages(params string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            string path = Folder.File(Path.Combine("in", names[i]));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Image(i));
        }
    }

    protected static byte[] Image(int number) => PngBytes.Write(2, 2, 8, 2, [.. Enumerable.Repeat((byte)number, 12)]);

    protected async Task<BlockData> RowsAsync()
    {
        var manifest = ManifestBuilder.Build([new SourceSpec { Path = Folder.File("out") }]);
        return await BlockReading.ReadAsync(Assert.Single(manifest.Shards), 0, BlockColumns.Image | BlockColumns.Caption);
    }
}
