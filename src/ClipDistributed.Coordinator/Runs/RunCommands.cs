using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Links;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Requests to runs that have not ended; each returns when it is durable. <c>by</c> is who makes it; empty: not known.</summary>
internal sealed class RunCommands(RunTable table)
{
    /// <exception cref="RequestRefusedException">There is no such run, or it has ended.</exception>
    public Task StopAsync(string runId, string by) => table.AskAsync(runId, done => new RunInput.Stop(done, by));

    /// <exception cref="RequestRefusedException">There is no such run, or it has ended.</exception>
    public Task CancelAsync(string runId, string by) => table.AskAsync(runId, done => new RunInput.Cancel(done, by));

    /// <exception cref="RequestRefusedException">There is no such run, or it ends or is paused.</exception>
    public Task SaveCheckpointAsync(string runId, string by) => table.AskAsync(runId, done => new RunInput.SaveCheckpoint(done, by));

    /// <exception cref="RequestRefusedException">There is no such run, or it ends.</exception>
    public Task PauseAsync(string runId, string by) => table.AskAsync(runId, done => new RunInput.Pause(done, by));

    /// <exception cref="RequestRefusedException">There is no such run, or it ends.</exception>
    public Task ResumeAsync(string runId, string by) => table.AskAsync(runId, done => new RunInput.Resume(done, by));

    /// <param name="attempt">That saved the checkpoint, which exists.</param>
    /// <exception cref="RequestRefusedException">There is no such run, or it ends or is being rolled back.</exception>
    public Task RollBackAsync(string runId, int attempt, long step, string by) =>
        table.AskAsync(runId, done => new RunInput.RollBack(attempt, step, done, by));

    /// <param name="min">Null: it stays, as the other.</param>
    /// <exception cref="RequestRefusedException">There is no such run, or it ends.</exception>
    /// <exception cref="BadInputException">The spec's rules forbid it.</exception>
    public Task ScaleAsync(string runId, uint? min, uint? max, string by) =>
        table.AskAsync(runId, done => new RunInput.Scale(min, max, done, by));
}
