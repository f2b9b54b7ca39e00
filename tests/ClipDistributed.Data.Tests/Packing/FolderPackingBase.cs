using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Packing;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Tests.Packing;

/// <summary>A folder of pictures that is packed.</summary>
public abstract class FolderPackingBase : IDisposable
{
    protected TemporaryFolder Folder { get; } = new();

    protected FolderPackingBase() => Directory.CreateDirectory(Folder.File("in"));

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static IEnumerable<string> LeftOut(PackSummary summary) =>
        summary.LeftOut.Select(reason => $"{reason.Key}: {reason.Value.Count} {string.Join(", ", reason.Value.Examples)}");

    protected PackOptions Options() => new([Folder.File("in")], Folder.File("out"));

    protected static Task<PackSummary> PackAsync(PackOptions options) =>
        new FolderPacking(options).RunAsync(cancel: TestContext.Current.CancellationToken);

    protected void Put(string name, byte[] image, string? caption)
    {
        string path = Folder.File(Path.Combine("in", name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, image);
        if (caption is not null)
            File.WriteAllText(Path.ChangeExtension(path, ".txt"), caption);
    }

    protected async Task<BlockData> RowsAsync(string name)
    {
        var manifest = ManifestBuilder.Build([new SourceSpec { Path = Folder.File(name) }]);
        return await BlockReading.ReadAsync(
            Assert.Single(manifest.Shards),
            0,
            BlockColumns.Image | BlockColumns.Caption | BlockColumns.Label
        );
    }
}
