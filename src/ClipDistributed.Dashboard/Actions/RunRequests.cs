using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Calls;
using Grpc.Core;

namespace ClipDistributed.Dashboard.Actions;

/// <summary>Requests of the page's user to runs.</summary>
internal sealed class RunRequests(ControlCalls calls)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>What is confirmed is sent, also where its page is left meanwhile.</summary>
    /// <param name="range">With <see cref="RunVerb.Scale"/>.</param>
    /// <returns>Null: it is accepted; the run shows what comes of it. Else why not.</returns>
    public async Task<CallProblem?> SendAsync(RunVerb verb, string runId, ReplicaRange range)
    {
        try
        {
            await CallAsync(await calls.ControlAsync(), verb, runId, range, DateTime.UtcNow + Longest);
            return null;
        }
        catch (RpcException failed)
        {
            return CallProblem.Of(failed);
        }
    }

    private static async Task CallAsync(
        ControlService.ControlServiceClient control, RunVerb verb, string runId, ReplicaRange range, DateTime deadline)
    {
        switch (verb)
        {
            case RunVerb.Pause:
                await control.PauseRunAsync(new PauseRunRequest { RunId = runId }, deadline: deadline);
                break;
            case RunVerb.Resume:
                await control.ResumeRunAsync(new ResumeRunRequest { RunId = runId }, deadline: deadline);
                break;
            case RunVerb.Checkpoint:
                await control.SaveCheckpointAsync(new SaveCheckpointRequest { RunId = runId }, deadline: deadline);
                break;
            case RunVerb.Scale:
                await control.ScaleRunAsync(Scaling(runId, range), deadline: deadline);
                break;
            case RunVerb.Stop:
                await control.StopRunAsync(new StopRunRequest { RunId = runId }, deadline: deadline);
                break;
            case RunVerb.Cancel:
                await control.CancelRunAsync(new CancelRunRequest { RunId = runId }, deadline: deadline);
                break;
            default:
                await control.DeleteRunAsync(new DeleteRunRequest { RunId = runId }, deadline: deadline);
                break;
        }
    }

    private static ScaleRunRequest Scaling(string runId, ReplicaRange range)
    {
        var request = new ScaleRunRequest { RunId = runId };
        if (range.Min is { } min)
            request.MinReplicas = min;
        if (range.Max is { } max)
            request.MaxReplicas = max;
        return request;
    }
}
