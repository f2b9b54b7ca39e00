using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Calls;
using Grpc.Core;

namespace ClipDistributed.Dashboard.History;

/// <summary>Reads the record of a run's newest step.</summary>
internal sealed class NewestStep(ControlCalls calls, string runId)
{
    /// <summary>After the last step come a few others: a checkpoint, an evaluation, the end.</summary>
    private const int Records = 40;

    /// <param name="last">Sequence number of the newest record; 0: there is none.</param>
    /// <returns>Null: there is none among the last records.</returns>
    public async Task<StepMetrics?> ReadAsync(long last, CancellationToken cancel)
    {
        if (last == 0)
            return null;
        StepMetrics? newest = null;
        var control = await calls.ControlAsync();
        var request = new WatchRunRequest { RunId = runId, AfterSequence = Math.Max(0, last - Records) };
        using var call = control.WatchRun(request, cancellationToken: cancel);
        await foreach (var response in call.ResponseStream.ReadAllAsync(cancel))
        {
            newest = response.Record?.Step ?? newest;
            if (response.Record?.Sequence >= last)
                break;
        }
        return newest;
    }
}
