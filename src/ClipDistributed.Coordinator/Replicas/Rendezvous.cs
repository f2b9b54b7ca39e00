using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>Where the members of a generation leave their addresses for each other. What they left dies with the generation. Thread-safe.</summary>
internal sealed class Rendezvous(CoordinatorOptions options, TimeProvider time)
{
    private const int MostBytes = 64 * 1024;

    private readonly ConcurrentDictionary<(string RunId, long Generation), Meeting> meetings = new();

    public void Open(string runId, long generation) => meetings[(runId, generation)] = new Meeting();

    /// <summary>Who still waits for a value is told that the generation is over.</summary>
    public void Close(string runId, long generation)
    {
        if (meetings.TryRemove((runId, generation), out var meeting))
            meeting.Over.Cancel();
    }

    /// <exception cref="RequestRefusedException">The generation is over, or the value is too large.</exception>
    public void Set(string runId, long generation, string key, ByteString value)
    {
        if (value.Length > MostBytes)
            throw new RequestRefusedException(StatusCode.InvalidArgument, $"The value of '{key}' has {value.Length} bytes; at most {MostBytes} are kept.");
        Find(runId, generation).Value(key).TrySetResult(value);
    }

    /// <summary>The value, once somebody has set it.</summary>
    /// <exception cref="RequestRefusedException">The generation is over, or nobody set the value in time.</exception>
    public async Task<ByteString> GetAsync(string runId, long generation, string key, CancellationToken cancel)
    {
        var meeting = Find(runId, generation);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancel, meeting.Over.Token);
        try
        {
            return await meeting.Value(key).Task.WaitAsync(options.RendezvousTimeout, time, ends.Token);
        }
        catch (OperationCanceledException) when (meeting.Over.IsCancellationRequested)
        {
            throw IsOver(runId, generation);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            throw new RequestRefusedException(StatusCode.DeadlineExceeded, $"Nobody set '{key}' in generation {generation} of {runId} in time; one of its replicas hangs or cannot reach this coordinator.");
        }
    }

    private Meeting Find(string runId, long generation) => meetings.TryGetValue((runId, generation), out var meeting) ? meeting : throw IsOver(runId, generation);

    private static RequestRefusedException IsOver(string runId, long generation) => new(StatusCode.Aborted, $"Generation {generation} of {runId} is over.");

    private sealed class Meeting
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<ByteString>> values = new(StringComparer.Ordinal);

        // Never disposed: calls may still look at it after the meeting was closed.
        public CancellationTokenSource Over { get; } = new();

        public TaskCompletionSource<ByteString> Value(string key) =>
            values.GetOrAdd(key, _ => new TaskCompletionSource<ByteString>(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
