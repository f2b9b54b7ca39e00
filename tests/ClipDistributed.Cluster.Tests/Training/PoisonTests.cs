using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>An image that ends whatever process decodes it.</summary>
[Collection(ClusterCollection.Name)]
public sealed class PoisonTests(ClusterData data)
{
    [Fact]
    public async Task Image_CrashesTheDecoder_IsFoundAndTheTrajectoryIsThatOfADamagedRow()
    {
        if (!CrashingDecoder.IsPossible)
            Assert.Skip("JPEGs are decoded by Skia alone here: gcc or libjpeg's headers were absent when this was built.");
        await WriteAsync("poisoned", poisonRow: -1, image => image);
        var planned = RunPlan
            .Order(data.Spec("data.train=[{path: poisoned}]"), ManifestBuilder.Build([new SourceSpec { Path = data.Path("poisoned") }]))
            .Rows(10, new SlotRange(20, 1))[0];
        int poisonRow = (int)(planned.Shard * 400 + planned.Row);
        await WriteAsync("poisoned", poisonRow, CrashingDecoder.Poison);
        await WriteAsync("damaged-there", poisonRow, _ => "<html>"u8.ToArray());
        var expected = data.Alone("data.train=[{path: damaged-there}]");
        var spec = data.Spec("data.train=[{path: poisoned}]");
        await using var cluster = await LiveCluster.StartAsync();
        await cluster.AddHostAsync("a", slots: 3, CrashingDecoder.Build(data.Path("poisoned")));

        var run = await cluster.RunAsync(spec, replicas: 3);

        Assert.Equal((RunState.Succeeded, ""), (run.State, run.Reason));
        var recorded = ClusterData.Recorded(spec);
        recorded.AssertFollows(expected);
        Assert.Equal([planned], PoisonRowsFile.Load(new RunDirectory(spec.RunDirectory)));
        Assert.Contains(recorded.Notices, notice => notice.Text.Contains($"row {planned.Row}", StringComparison.Ordinal));
        var verified = Clipd.Run(data.Folder, "run", "verify", spec.RunDirectory, "--content");
        Assert.True(verified.ExitCode == 0, verified.Errors);
    }

    /// <summary>The training rows again, one of them changed.</summary>
    private async Task WriteAsync(string folder, int poisonRow, Func<byte[], byte[]> change)
    {
        if (Directory.Exists(data.Path(folder)))
            Directory.Delete(data.Path(folder), recursive: true);
        await using var writer = new ParquetShardWriter(data.Path(folder), "rows", rowsPerShard: 400, rowsPerGroup: 100);
        int row = 0;
        foreach (var entry in ManifestBuilder.Build([new SourceSpec { Path = data.Path("data", "train") }]).Shards)
        {
            for (int group = 0; group < entry.Blocks.Count; group++)
            {
                var rows = BlockReading.ReadOnce(entry, group);
                for (int i = 0; i < rows.Rows; i++, row++)
                    await writer.AddAsync(row == poisonRow ? change(rows.Images[i]!) : rows.Images[i], rows.Captions[i]);
            }
        }
    }
}
