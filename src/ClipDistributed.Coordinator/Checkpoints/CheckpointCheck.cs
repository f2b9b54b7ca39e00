namespace ClipDistributed.Coordinator.Checkpoints;

/// <summary>
/// Reads checkpoints to their ends. They may have many gigabytes: one is read at a time, however many callers ask, and none of them holds a
/// thread meanwhile. Thread-safe.
/// </summary>
internal sealed class CheckpointCheck
{
    private readonly SemaphoreSlim reading = new(1);

    /// <returns>Null: it is whole; else what is wrong.</returns>
    /// <exception cref="IOException">Its place does not answer.</exception>
    public async Task<string?> FindDamageAsync(RunCheckpoint checkpoint, CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        try
        {
            // A thread of its own: those of the pool serve calls and heartbeats.
            return await Task.Factory.StartNew(
                () => checkpoint.Place.FindDamage(checkpoint.Stored, cancel),
                cancel,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
        finally
        {
            reading.Release();
        }
    }
}
