using System.Collections.Concurrent;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The key-value store in which the members of a generation exchange their addresses; it lives as long as the generation.
/// Thread-safe.</summary>
internal sealed class Rendezvous(CoordinatorOptions options, TimeProvider time)
{
    private readonly CoordinatorLimits limits = options.Limits;
    private readonly ConcurrentDictionary<(string RunId, long Generation), Meeting> meetings = new();

    public void Open(string runId, long generation) => meetings[(runId, generation)] = new Meeting(limits);

    /// <summary>Calls that still wait for a value end with ABORTED.</summary>
    public void Close(string runId, long generation)
    {
        if (meetings.TryRemove((runId, generation), out var meeting))
            meeting.Over.Cancel();
    }

    /// <exception cref="RequestRefusedException">The generation is over, key or value is too large, or there are too many of
    /// them.</exception>
    public void Set(string runId, long generation, string key, ByteString value)
    {
        CheckKey(key);
        if (value.Length > limits.RendezvousValueBytes)
            throw new RequestRefusedException(
                StatusCode.InvalidArgument,
                $"The value of '{key}' has {Counted.Plain(value.Length, "byte")}; at most {limits.RendezvousValueBytes} are accepted.");
        Find(runId, generation).Set(key, value);
    }

    /// <summary>The value, once a member has set it.</summary>
    /// <exception cref="RequestRefusedException">The generation is over, no member set the value in time, or there are too many
    /// keys.</exception>
    public async Task<ByteString> GetAsync(string runId, long generation, string key, CancellationToken cancel)
    {
        CheckKey(key);
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
            throw new RequestRefusedException(
                StatusCode.DeadlineExceeded,
                $"No member set '{key}' in generation {generation} of {runId} in "
                    + $"time; one of its replicas hangs or cannot reach this coordinator."
            );
        }
    }

    private Meeting Find(string runId, long generation) =>
        meetings.TryGetValue((runId, generation), out var meeting) ? meeting : throw IsOver(runId, generation);

    private static RequestRefusedException IsOver(string runId, long generation) =>
        new(StatusCode.Aborted, $"Generation {generation} of {runId} is over.");

    private void CheckKey(string key)
    {
        if (key.Length > limits.RendezvousKeyLength)
            throw new RequestRefusedException(
                StatusCode.InvalidArgument,
                $"A key has {Counted.Plain(key.Length, "character")}; use at most {limits.RendezvousKeyLength}."
            );
    }

    private sealed class Meeting(CoordinatorLimits limits)
    {
        private readonly Lock gate = new();
        private readonly Dictionary<string, TaskCompletionSource<ByteString>> values = new(StringComparer.Ordinal); // under the gate
        private long bytes; // of all values

        // Never disposed: calls may still use it after the generation is over.
        public CancellationTokenSource Over { get; } = new();

        /// <summary>The first value of a key holds.</summary>
        public void Set(string key, ByteString value)
        {
            lock (gate)
            {
                var place = Value(key);
                if (place.Task.IsCompleted)
                    return;
                if (bytes + value.Length > limits.RendezvousBytes)
                    throw new RequestRefusedException(
                        StatusCode.ResourceExhausted,
                        $"The values of this generation have {Counted.Plain(bytes, "byte")}, "
                            + $"and '{key}' {value.Length} more; at most {limits.RendezvousBytes} are accepted."
                    );
                bytes += value.Length;
                place.SetResult(value);
            }
        }

        public TaskCompletionSource<ByteString> Value(string key)
        {
            lock (gate)
            {
                if (values.TryGetValue(key, out var place))
                    return place;
                if (values.Count >= limits.RendezvousKeys)
                    throw new RequestRefusedException(
                        StatusCode.ResourceExhausted, $"This generation has {Counted.Plain(values.Count, "key")}; no more are accepted.");
                return values[key] = new TaskCompletionSource<ByteString>(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
