using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Data.Checkpoints;

namespace ClipDistributed.Coordinator.Checkpoints;

/// <summary>Specs of jobs that begin with a checkpoint of another run.</summary>
internal sealed class JobForks(RunTable table, RunCheckpoints checkpoints, ForkPins forkPins, CheckpointCheck check)
{
    /// <param name="changes">The values that differ from the other run's.</param>
    /// <param name="pins">The checkpoint, which the new run needs until it has saved one of its own.</param>
    /// <returns>The spec to submit, whose end is to be settled.</returns>
    /// <exception cref="RequestRefusedException">There is no such run or checkpoint, or it cannot be read.</exception>
    /// <exception cref="BadInputException">The values cannot be used for that.</exception>
    public async Task<ForkedSpec> SpecOfAsync(ForkSource from, TrainingSpec changes, bool pins, CancellationToken cancel)
    {
        if (changes.RunDirectory == "")
            throw new BadInputException([new InputError("run_directory", "run_directory is missing; name one for the new run.")]);
        if (changes.Model is { InitFrom: not "" } or { Config: not "" })
            throw new BadInputException([new InputError("model", "model.init_from or model.config is given; the checkpoint brings both.")]);
        var spec = SpecOf(table.Find(from.RunId).Row);
        var chosen = await ChooseAsync(from, cancel);
        if (spec.Checkpoint is not null)
            spec.Checkpoint.Location = ""; // belongs to the other run
        SpecOverlay.Apply(changes, spec);
        spec.Model ??= new ModelSpec();
        (spec.Model.InitFrom, spec.Model.Config, spec.Model.Tokenizer) = (chosen.Path, "", "");
        if (!pins)
            return new ForkedSpec(spec, _ => Task.CompletedTask);
        var pin = new ForkPin(from.RunId, chosen.Attempt, chosen.Step);
        await forkPins.PinAsync(pin, chosen.IsPinned, cancel);
        return new ForkedSpec(spec, isNeeded => forkPins.SettleAsync(pin, isNeeded));
    }

    private TrainingSpec SpecOf(RunRow run) =>
        JobSpecs.TryRead(table.Jobs.FirstOrDefault(job => job.JobId == run.JobId))
            ?? throw RequestRefusedException.WrongState(
                $"the job {run.JobId} of run {run.RunId} is missing or damaged in the store; "
                    + "submit a whole spec, whose model.init_from names the folder of the checkpoint");

    private async Task<StoredCheckpoint> ChooseAsync(ForkSource from, CancellationToken cancel)
    {
        var all = await checkpoints.ListAsync(from.RunId, cancel);
        var chosen = all
            .Where(one => one.Place is DiskCheckpoints && (from.Step == 0 ? !one.IsAbandoned : one.Stored.Step == from.Step)
                && (from.Attempt == 0 || one.Stored.Attempt == from.Attempt))
            .MaxBy(one => one.Position)
            ?? throw RequestRefusedException.NotFound(
                $"run {from.RunId} has no {(from.Step == 0 ? "checkpoint" : $"checkpoint of step {from.Step}")} in its directory; "
                    + $"clipd checkpoint list {from.RunId} shows all");
        if (await check.FindDamageAsync(chosen, cancel) is { } damage)
            throw RequestRefusedException.WrongState($"the checkpoint {chosen.Stored.Path} is damaged ({damage}); choose another one");
        return chosen.Stored;
    }
}
