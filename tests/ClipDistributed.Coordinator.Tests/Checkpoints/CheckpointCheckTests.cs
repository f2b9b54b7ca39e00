using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Checkpoints;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Data.Checkpoints;

namespace ClipDistributed.Coordinator.Tests.Checkpoints;

public sealed class CheckpointCheckTests
{
    [Fact]
    public async Task FindDamage_ManyCallers_ReadOneAfterTheOtherAndBlockNoThreadOfThePool()
    {
        using var folder = new TemporaryFolder();
        var place = new CountedPlace(new DiskCheckpoints(new RunDirectory(folder.Path)));
        var check = new CheckpointCheck();
        var stored = new StoredCheckpoint(1, 1, folder.Path, default, 0);
        var calls = Enumerable.Range(0, 3)
            .Select(_ => check.FindDamageAsync(new RunCheckpoint(stored, place, IsAbandoned: false), CancellationToken.None)).ToList();

        await place.Begun.WaitAsync(TestCoordinator.Patience);
        Assert.False(place.IsOnPool);
        Assert.DoesNotContain(calls, call => call.IsCompleted);
        place.Open();

        var found = await Task.WhenAll(calls).WaitAsync(TestCoordinator.Patience);
        Assert.All(found, Assert.NotNull); // the folder holds no checkpoint
        Assert.Equal(1, place.MostAtOnce);
    }

    /// <summary>A place on a disk that does not answer until it is opened.</summary>
    private sealed class CountedPlace(ICheckpointPlace disk) : ICheckpointPlace
    {
        private readonly ManualResetEventSlim opened = new();
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int reading;
        private int most;

        public Task Begun => begun.Task;

        public bool IsOnPool { get; private set; }

        public int MostAtOnce => Volatile.Read(ref most);

        public string Name => disk.Name;

        public void Open() => opened.Set();

        public IReadOnlyList<StoredCheckpoint> List(CancellationToken cancel = default) => disk.List(cancel);

        public string? FindDamage(StoredCheckpoint checkpoint, CancellationToken cancel = default)
        {
            int now = Interlocked.Increment(ref reading);
            if (now > MostAtOnce)
                Volatile.Write(ref most, now);
            IsOnPool |= Thread.CurrentThread.IsThreadPoolThread;
            begun.TrySetResult();
            opened.Wait(TestCoordinator.Patience, cancel);
            Interlocked.Decrement(ref reading);
            return disk.FindDamage(checkpoint, cancel);
        }

        public void Pin(StoredCheckpoint checkpoint, bool isPinned, CancellationToken cancel = default) =>
            disk.Pin(checkpoint, isPinned, cancel);

        public void Delete(StoredCheckpoint checkpoint, CancellationToken cancel = default) => disk.Delete(checkpoint, cancel);
    }
}
