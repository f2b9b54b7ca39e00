using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Calls;
using Grpc.Core;

namespace ClipDistributed.Dashboard.History;

/// <summary>Reads all records of a run, and what their digests say.</summary>
internal sealed class OrderCheck(ControlCalls calls, string runId)
{
    private static readonly SemaphoreSlim Free = new(2); // of a long run it takes seconds of a core

    /// <param name="last">Sequence number of the newest record; the run may go on.</param>
    /// <exception cref="InvalidDataException">There are too many steps.</exception>
    public async Task<OrderProof> RunAsync(long last, CancellationToken cancel)
    {
        await Free.WaitAsync(cancel);
        try
        {
            var ledger = new OrderLedger();
            if (last == 0)
                return ledger.Prove();
            var control = await calls.ControlAsync();
            using var call = control.WatchRun(new WatchRunRequest { RunId = runId }, cancellationToken: cancel);
            await foreach (var response in call.ResponseStream.ReadAllAsync(cancel))
            {
                if (response.Record is not { } record)
                    continue;
                ledger.Add(record);
                if (record.Sequence >= last)
                    break;
            }
            return ledger.Prove();
        }
        finally
        {
            Free.Release();
        }
    }
}
