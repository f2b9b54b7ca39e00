using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Links;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Requests to runs that have not ended; each returns when it is durable. <c>by</c> is who makes it; empty: not known.</summary>
internal static class RunCommands
{
    /// <exception cref="RequestRefusedException">There is no such run, or it has ended.</exception>
    public static Task StopAsync(this RunTable table, string runId, string by) =>
        table.AskAsync(runId, done => new RunInput.Stop(done, by));

    /// <exception cref="RequestRefusedException">There is no such run, or it has ended.</exception>
    public static Task CancelAsync(this RunTable table, string runId, string by) =>
        table.AskAsync(runId, done => new RunInput.Cancel(done, by));

    /// <exception cref="RequestRefusedException">There is no such run, or it ends or is paused.</exception>
    public static Task SaveCheckpointAsync(this RunTable table, string runId, string by) =>
        table.AskAsync(runId, done => new RunInput.SaveCheckpoint(done, by));

    /// <exception cref="RequestRefusedException">There is no such run, or it ends.</exception>
    public static Task PauseAsync(this RunTable table, string runId, string by) =>
        table.AskAsync(runId, done => new RunInput.Pause(done, by));

    /// <exception cref="RequestRefusedException">There is no such run, or it ends.</exception>
    public static Task ResumeAsync(this RunTable table, string runId, string by) =>
        table.AskAsync(runId, done => new RunInput.Resume(done, by), ended => string.Concat(
            ended is RunState.Succeeded ? "" : "clipd submit SPEC --resume goes on from its newest checkpoint as a new run; ",
            $"clipd submit --from {runId} --set run_directory=DIR begins one with its weights"));

    /// <param name="attempt">That saved the checkpoint, which exists.</param>
    /// <exception cref="RequestRefusedException">There is no such run, or it ends or is being rolled back.</exception>
    public static Task RollBackAsync(this RunTable table, string runId, int attempt, long step, string by) =>
        table.AskAsync(runId, done => new RunInput.RollBack(attempt, step, done, by));

    /// <param name="min">Null: it stays, as the other.</param>
    /// <exception cref="RequestRefusedException">There is no such run, or it ends.</exception>
    /// <exception cref="BadInputException">The spec's rules forbid it.</exception>
    public static Task ScaleAsync(this RunTable table, string runId, uint? min, uint? max, string by) =>
        table.AskAsync(runId, done => new RunInput.Scale(min, max, done, by));
}
