using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.TestKit.ObjectStores;

namespace ClipDistributed.Data.Tests.Checkpoints;

public sealed class S3PinTests
{
    [Fact]
    public async Task Pin_Uploaded_IsListedUntilItIsUndoneAndGoesWithIt()
    {
        await using var server = await S3Server.StartAsync();
        using var folder = new TemporaryFolder();
        var place = server.Checkpoints();
        foreach (long step in (long[])[20, 30])
        {
            string saved = new RunDirectory(folder.Path).Checkpoint(1, step);
            Directory.CreateDirectory(saved);
            await File.WriteAllTextAsync(Path.Combine(saved, "weights"), $"{step}", TestContext.Current.CancellationToken);
            CheckpointFiles.Write(saved, step, TestContext.Current.CancellationToken);
            place.Upload(new DiskCheckpoints(new RunDirectory(folder.Path)).List()[0]);
        }
        place.Pin(place.List()[1], isPinned: true);
        place.Pin(place.List()[1], isPinned: true);
        Assert.Equal([false, true], place.List().Select(found => found.IsPinned));
        Assert.Null(place.FindDamage(place.List()[1]));
        place.Pin(place.List()[1], isPinned: false);
        Assert.All(place.List(), found => Assert.False(found.IsPinned));
        place.Pin(place.List()[1], isPinned: true);
        place.Delete(place.List()[1]);
        Assert.Equal([30L], place.List().Select(found => found.Step));
    }
}
