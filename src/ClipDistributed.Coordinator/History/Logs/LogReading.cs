using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Runs;
using Grpc.Core;

namespace ClipDistributed.Coordinator.History.Logs;

/// <summary>Gives the lines of a run's replicas: those that there are, then those that come. Thread-safe.</summary>
internal sealed class LogReading(ReplicaOutput output, LogFollowers followers)
{
    /// <summary>Reads of all clients at once would keep the disk busy.</summary>
    private readonly SemaphoreSlim reading = new(2);

    /// <exception cref="RequestRefusedException">The caller is too slow.</exception>
    public async IAsyncEnumerable<LogEntry> ReadAsync(RunJournal run, LogQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var follower = query.Follows ? followers.Add(run.Row.RunId) : null; // first: what comes meanwhile is not missed
        var ended = follower is null ? null : EndAsync(run, follower, cancel);
        await output.PassedAsync(cancel); // what came before is in the files
        long last = 0;
        foreach (var entry in await FilesAsync(run, query, cancel))
        {
            last = entry.Sequence;
            yield return entry;
        }
        if (follower is null)
            yield break;
        await foreach (var entry in follower.Lines.ReadAllAsync(cancel))
        {
            if (entry.Sequence > last && query.Takes(entry))
                yield return entry;
        }
        if (follower.FellBehind)
            throw new RequestRefusedException(
                StatusCode.Unavailable, "lines came faster than this reader took them; read on after its last sequence number");
        await ended!;
    }

    private async Task<IReadOnlyList<LogEntry>> FilesAsync(RunJournal run, LogQuery query, CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        try
        {
            return await LogFiles.ReadAsync(run.Row.RunDirectory, query, cancel);
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>The last lines of a run come before its end does: its replicas have ended by then.</summary>
    private async Task EndAsync(RunJournal run, LogFollowers.Follower follower, CancellationToken cancel)
    {
        try
        {
            await run.EndedAsync(cancel);
            await output.PassedAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            // The caller is gone, which its own reads report.
        }
        follower.Complete();
    }
}
