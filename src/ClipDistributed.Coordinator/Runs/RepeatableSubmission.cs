using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Accepts jobs under ids that clients choose: the same one again is answered as the first was. Thread-safe.</summary>
internal sealed class RepeatableSubmission(
    JobSubmission submission, RequestStore requests, CoordinatorOptions options, TimeProvider time)
{
    private readonly Dictionary<string, Turns> ids = new(StringComparer.Ordinal); // under its own lock

    /// <inheritdoc cref="JobSubmission.ValidateAsync"/>
    public Task<ValidatedJob> ValidateAsync(TrainingSpec spec, bool resume, string owner, CancellationToken cancel) =>
        submission.ValidateAsync(spec, resume, owner, cancel);

    /// <param name="spec">Is asked where the job is not known already.</param>
    /// <exception cref="RequestRefusedException">Something else was submitted under this id.</exception>
    /// <inheritdoc cref="JobSubmission.SubmitAsync"/>
    public async Task<SubmittedJob> SubmitAsync(
        IdentifiedRequest request, Func<Task<TrainingSpec>> spec, bool resume, CancellationToken cancel)
    {
        if (request.Id == "")
            return await submission.SubmitAsync(await spec(), resume, request.Owner, request: null, cancel);
        // The first one may still be at work when its client, which has lost the connection, repeats it.
        string key = KeyOf(request);
        var turns = Enter(key);
        try
        {
            await turns.Gate.WaitAsync(cancel);
            try
            {
                return await SubmitAloneAsync(request, spec, resume, cancel);
            }
            finally
            {
                turns.Gate.Release();
            }
        }
        finally
        {
            Leave(key, turns);
        }
    }

    private async Task<SubmittedJob> SubmitAloneAsync(
        IdentifiedRequest request, Func<Task<TrainingSpec>> spec, bool resume, CancellationToken cancel)
    {
        var (id, digest, _) = request;
        string key = KeyOf(request);
        var now = time.GetUtcNow().UtcDateTime;
        await requests.ForgetAsync(now - options.Limits.RequestIdAge, options.Limits.RequestIds - 1);
        if (await requests.FindAsync(key, cancel) is { } before)
        {
            return digest.AsSpan().SequenceEqual(before.Digest)
                ? new SubmittedJob(before.JobId, before.RunId, before.Notices.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                : throw new RequestRefusedException(
                    StatusCode.AlreadyExists,
                    $"request_id {id} was used for another job, whose run is {before.RunId}; give this one an id of its own");
        }
        var row = new RequestRow { RequestId = key, Digest = digest, Accepted = now };
        return await submission.SubmitAsync(await spec(), resume, request.Owner, row, cancel);
    }

    /// <summary>Each owner has ids of its own, which no other can use up.</summary>
    private static string KeyOf(IdentifiedRequest request) => $"{request.Id} {request.Owner}";

    private Turns Enter(string id)
    {
        lock (ids)
        {
            if (!ids.TryGetValue(id, out var turns))
                ids[id] = turns = new Turns();
            turns.Calls++;
            return turns;
        }
    }

    private void Leave(string id, Turns turns)
    {
        lock (ids)
        {
            if (--turns.Calls == 0)
                ids.Remove(id);
        }
    }

    /// <summary>Of the calls under one id.</summary>
    private sealed class Turns
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        /// <summary>That wait or are at work.</summary>
        public int Calls { get; set; }
    }
}
