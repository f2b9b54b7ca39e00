using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Data.Tests.Preparation;

public sealed class CachedPreparationTests
{
    [Fact]
    public async Task Prepare_ResumeBesideItsCache_OpensNoShard()
    {
        using var project = await PreparedFolder.CreateAsync();
        string[] shards = Directory.GetFiles(Path.Combine(project.Path, "project", "data"));
        Array.ForEach(shards, shard => File.SetLastWriteTimeUtc(shard, DateTime.UtcNow.AddDays(-1)));
        var run = project.Prepare(project.Spec(), resume: false);
        Assert.False(Directory.Exists(run.Directory.ShardCache)); // two small shards are not worth it
        project.Train(steps: 3, checkpoint: 2);
        var cache = new ManifestCache(null) { MinTime = TimeSpan.Zero };
        RunPreparation.Look(project.Spec(), resume: true, cache: cache);
        cache.SaveTo(run.Directory.ShardCache);

        foreach (string shard in shards)
        {
            var time = File.GetLastWriteTimeUtc(shard);
            File.WriteAllBytes(shard, new byte[new FileInfo(shard).Length]);
            File.SetLastWriteTimeUtc(shard, time);
        }
        Assert.Equal(run.Manifest.Digest, project.Prepare(project.Spec(), resume: true).Manifest.Digest);
        Directory.Delete(run.Directory.ShardCache, recursive: true);
        Assert.Throws<BadInputException>(() => project.Prepare(project.Spec(), resume: true));
    }
}
