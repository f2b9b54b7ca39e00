using System.Diagnostics;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Training;

/// <summary>
/// Takes batch after batch through the step and commits each: metrics first, then whatever is due at this step. Runs on
/// one thread from beginning to end.
/// </summary>
public sealed class TrainLoop(TrainingSpec spec, RunPlan plan, TrainStep trainStep, BatchSource batches, RunLog log, ITrainDuties duties)
{
    private const int MostStepsNotApplied = 10;

    private readonly Stopwatch sinceCheckpoint = Stopwatch.StartNew();
    private int notApplied;
    private long retrySaveAt = long.MaxValue;
    private int failedSaves;

    /// <summary>Goes on after <paramref name="appliedStep"/> until the last step or until asked to stop.</summary>
    /// <returns>The last applied step.</returns>
    /// <exception cref="TrainingDivergedException">Too many steps in a row gave no finite loss.</exception>
    public long Run(long appliedStep, CancellationToken stop)
    {
        if (IsEvaluationDue(appliedStep))
            duties.Evaluate(appliedStep);
        for (long step = appliedStep + 1; step <= plan.Steps; step++)
        {
            Commit(step);
            bool stopping = stop.IsCancellationRequested && step < plan.Steps;
            if (stopping || step == plan.Steps || IsDue(spec.Checkpoint.EverySteps, step) || IsTimeForCheckpoint() || step == retrySaveAt)
                Save(step, cleanStop: stopping || step == plan.Steps);
            if (stopping)
                return step;
            // After the checkpoint: an evaluation that fails costs nothing, and a resume from here makes up for it.
            if (IsEvaluationDue(step))
                duties.Evaluate(step);
        }
        return plan.Steps;
    }

    private void Save(long step, bool cleanStop)
    {
        sinceCheckpoint.Restart();
        if (duties.SaveCheckpoint(step, cleanStop))
        {
            (failedSaves, retrySaveAt) = (0, long.MaxValue);
            return;
        }
        // After 1, 2, 4, … and then every 64 steps: soon, but a disk that stays full must not cost a write every step.
        retrySaveAt = step + (1L << Math.Min(failedSaves++, 6));
    }

    private void Commit(long step)
    {
        long start = Stopwatch.GetTimestamp();
        var batch = batches.Take();
        double waited = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var result = trainStep.Run(batch);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var digest = batch.Samples.Aggregate(default(StepDigest), (sum, row) => sum + StepDigest.Of(row.Slot, row.Planned, row.Used, row.Crc));
        log.Write(new StepMetrics(step, step * plan.GlobalBatch, (int)((step - 1) / plan.StepsPerEpoch), result.Loss, result.LogitScale, result.Lr, result.GradNorm,
            StepDigest.ToHex(digest.Plan), StepDigest.ToHex(digest.Content), seconds, batch.Count / seconds, result.Split with { Data = waited },
            result.Applied, batch.Samples.Count(row => row.Used != row.Planned)));

        notApplied = result.Applied ? 0 : notApplied + 1;
        if (!result.Applied)
            log.Write(new RunNotice(step, $"Step {step}: the loss is {result.Loss} and the gradient norm {result.GradNorm}; the weights stay as they are."));
        if (notApplied == MostStepsNotApplied)
            throw new TrainingDivergedException(step, MostStepsNotApplied);
    }

    private bool IsEvaluationDue(long step) => step > 0 && (IsDue(spec.Evaluate.EverySteps, step) || step == plan.Steps);

    private bool IsTimeForCheckpoint() => spec.Checkpoint.EveryMinutes > 0 && sinceCheckpoint.Elapsed.TotalMinutes >= spec.Checkpoint.EveryMinutes;

    private static bool IsDue(uint every, long step) => every > 0 && step % every == 0;
}

/// <summary>What is done between steps.</summary>
public interface ITrainDuties
{
    /// <summary>Does nothing where this step has been evaluated before.</summary>
    void Evaluate(long step);

    /// <returns>False: it could not be written, and should be tried again some steps later.</returns>
    bool SaveCheckpoint(long step, bool cleanStop);
}

/// <summary>The loss was not finite for several steps in a row.</summary>
public sealed class TrainingDivergedException(long step, int steps)
    : Exception($"The last {steps} steps up to {step} gave no finite loss or gradient; resume from an earlier checkpoint with a lower optimizer.lr or a longer warm-up.");
