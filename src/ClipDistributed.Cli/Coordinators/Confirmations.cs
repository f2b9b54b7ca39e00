using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>What a request to a run has changed, by the state that it found; a run that is in the requested state already is no mistake.
/// </summary>
internal static class Confirmations
{
    /// <summary>Before the request: what it then does has no other trace where the run was in that state already.</summary>
    /// <returns>Unspecified: there is none, and the request will be refused, with what it needs.</returns>
    public static async Task<RunState> StateAsync(this CoordinatorClient client, string runId, CancellationToken cancel)
    {
        try
        {
            return (await client.AskAsync(control => control.GetRunAsync(new GetRunRequest { RunId = runId }), cancel)).Run.State;
        }
        catch (BadInputException)
        {
            return RunState.Unspecified;
        }
    }

    public static string Pause(string runId, RunState before) => before switch
    {
        RunState.Paused => $"{runId} was paused already; clipd run resume {runId} goes on",
        RunState.Pausing => $"{runId} was on its way to pause already; clipd run watch {runId} shows when it has",
        RunState.Preempted => $"{runId} had made way for another run, and no longer goes on by itself; clipd run resume {runId} goes on",
        RunState.Pending => $"{runId} no longer waits for devices: it is paused; clipd run resume {runId} goes on",
        _ => $"{runId} pauses after its step and gives back its devices; clipd run resume {runId} goes on",
    };

    public static string Resume(string runId, RunState before) => before switch
    {
        RunState.Paused => $"{runId} goes on as soon as there are devices for it; clipd run watch {runId} shows when",
        RunState.Pausing => $"{runId} is no longer to pause, unless it makes way for another run; then it goes on by itself",
        RunState.Preempted => $"{runId} had made way for another run and goes on by itself; nothing was changed",
        _ => $"{runId} is {RunStates.Name(before)} and was not paused; nothing was changed",
    };

    public static string Stop(string runId, RunState before) => before switch
    {
        RunState.Stopping => $"{runId} was on its way to stop already; clipd run watch {runId} shows when it has",
        RunState.Pending => $"{runId} is stopped before it got devices",
        RunState.Paused or RunState.Preempted => $"{runId} is stopped; what it had done was saved before",
        _ => $"{runId} stops after its step and saves a checkpoint; clipd run watch {runId} shows when",
    };

    public static string Cancel(string runId, RunState before) => before switch
    {
        RunState.Stopping => $"{runId} is cancelled instead of stopped; its last steps may not be saved",
        _ => $"{runId} is cancelled",
    };
}
