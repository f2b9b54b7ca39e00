using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Consistency;
using ClipDistributed.Training.Steps;

namespace ClipDistributed.Training.Loops;

/// <summary>
/// Takes batch after batch through the step and commits each: metrics first, then what is due after this step. Runs on
/// one thread from beginning to end.
/// </summary>
public sealed class TrainLoop(TrainingSpec spec, RunPlan plan, LoopParts parts, ITrainDuties duties)
{
    private const int MaxStepsNotApplied = 10;

    private readonly CommandInbox commands = parts.Commands;
    private readonly StepProgress progress = parts.Progress;
    private int notApplied; // steps in a row

    /// <summary>Goes on after <paramref name="appliedStep"/> until the last step or until a command to all replicas ends it.</summary>
    /// <exception cref="TrainingDivergedException">Too many steps in a row had a non-finite loss.</exception>
    /// <exception cref="Collectives.CollectiveException">A replica or the network was lost; the step in flight was not applied.</exception>
    /// <exception cref="FaultyReplicaException">A replica computes wrongly, or holds another state; the step in flight was not
    /// applied.</exception>
    /// <exception cref="StateLostException">The replicas hold different states, and none can be shown to be right.</exception>
    public LoopEnd Run(long appliedStep)
    {
        Compare(appliedStep);
        // The replica that had to save the last step may have been lost before it did.
        if (appliedStep == plan.Steps && !duties.HasCheckpoint(appliedStep))
            Save(appliedStep, cleanStop: true);
        if (IsEvaluationDue(appliedStep))
            Evaluate(appliedStep);
        for (long step = appliedStep + 1; step <= plan.Steps; step++)
        {
            var result = Commit(step);
            var inForce = commands.Take(result.Command);
            bool stopping = inForce.Contains(CommandKind.Stop) && step < plan.Steps;
            if (stopping && commands.StopRequestedBy != "")
            {
                var stop = new RequestReceived { Step = step, Request = "stop", By = commands.StopRequestedBy };
                duties.Record(new RunRecord { Request = stop });
            }
            bool saves = stopping || step == plan.Steps || result.SavesNext || inForce.Contains(CommandKind.Checkpoint);
            // At the same step on all replicas: the comparison needs all of them. What is saved is always what the majority holds.
            if (saves || IsDue(spec.Replicas.CompareEverySteps, step))
                Compare(step);
            if (saves)
                Save(step, cleanStop: stopping || step == plan.Steps);
            if (stopping)
                return LoopEnd.Stopped;
            // After the checkpoint: an evaluation that fails costs nothing, and a resume from here makes up for it.
            if (IsEvaluationDue(step))
                Evaluate(step);
            if (inForce.Contains(CommandKind.Regroup) && step < plan.Steps)
                return LoopEnd.Regroups;
        }
        return LoopEnd.Finished;
    }

    private void Compare(long step)
    {
        progress.Enter(StepPhase.Wait);
        if (parts.Comparison.Run() is var repaired and not "")
            duties.Record(NoticeRecord.Of(step, repaired));
    }

    private void Evaluate(long step)
    {
        progress.Enter(StepPhase.Evaluation);
        duties.Evaluate(step, progress.EnterMicroBatch);
    }

    private void Save(long step, bool cleanStop)
    {
        progress.Enter(StepPhase.Checkpoint);
        duties.SaveCheckpoint(step, cleanStop);
    }

    private StepResult Commit(long step)
    {
        long start = Stopwatch.GetTimestamp();
        progress.BeginStep();
        var (batch, shares) = parts.Batches.Take();
        var result = parts.Step.Run(
            batch,
            shares,
            () => parts.Batches.TakeRotated(batch, shares),
            commands.Highest,
            savesNext: duties.IsCheckpointDue(step)
        );
        var split = progress.EndStep();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var metrics = new StepMetrics
        {
            Step = step,
            Samples = step * plan.GlobalBatch,
            Epoch = (int)((step - 1) / plan.StepsPerEpoch),
            Loss = result.Loss,
            LogitScale = result.LogitScale,
            Lr = result.Lr,
            GradNorm = result.GradNorm,
            PlanDigest = StepDigest.ToHex(result.Digest.Plan),
            ContentDigest = StepDigest.ToHex(result.Digest.Content),
            Seconds = seconds,
            SamplesPerSecond = plan.GlobalBatch / seconds,
            Split = split,
            Applied = result.Applied,
            Replaced = result.Replaced,
            Pipeline = parts.Batches.TakeWaits(),
        };
        if (parts.Work.Of(batch, plan.GlobalBatch) is { } flops)
            metrics.Flops = flops;
        duties.Record(new RunRecord { Step = metrics });

        notApplied = result.Applied ? 0 : notApplied + 1;
        if (result.Remark != "")
            duties.Record(NoticeRecord.Of(step, result.Remark));
        if (notApplied == MaxStepsNotApplied)
            throw new TrainingDivergedException(step, MaxStepsNotApplied);
        return result;
    }

    private bool IsEvaluationDue(long step) => step > 0 && (IsDue(spec.Evaluate.EverySteps, step) || step == plan.Steps);

    private static bool IsDue(uint every, long step) => every > 0 && step % every == 0;
}
