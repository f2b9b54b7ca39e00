using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.Training.Checkpoints;
using ClipDistributed.Training.Consistency;
using ClipDistributed.Training.Evaluation;
using ClipDistributed.Training.Logs;
using ClipDistributed.Training.Loops;
using ClipDistributed.Training.Memory;
using ClipDistributed.Training.Processors;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Steps;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Runs;

/// <summary>
/// One replica of a run: what its directory describes, and a state that lives on from generation to generation. Rank 0 also
/// writes. A world of one is a generation like any other.
/// </summary>
public sealed class TrainingRun : IDisposable
{
    private readonly RunContext run;
    private readonly HeldOutEvaluation evaluation;
    private readonly RunMemory memory;
    private readonly ClipModel model;
    private readonly TrainState state;
    private readonly CheckpointSchedule schedule;
    private readonly ProcessorWatch processors = new(TimeProvider.System, () => ProcessorUse.Now());
    private StateCopy? copy; // where this replica writes checkpoints
    private RestoredState? restored;
    private StepMetrics? last; // that was applied, whichever replica recorded it

    private TrainingRun(RunContext run, HeldOutEvaluation evaluation, RunMemory memory, ClipModel model)
    {
        (this.run, this.evaluation, this.memory, this.model) = (run, evaluation, memory, model);
        state = new TrainState(run.Spec.Optimizer, model);
        schedule = new CheckpointSchedule(run.Spec.Checkpoint, TimeProvider.System);
    }

    /// <param name="maxReplicas">The most that will share a step; null: as many as the spec allows.</param>
    /// <param name="memoryLimit">Bytes of the host that this process may use; null: what it gives.</param>
    /// <param name="host">That this replica runs on, as the coordinator names it; null: there is no coordinator.</param>
    /// <exception cref="BadInputException">The directory does not hold a run that can be trained, or it does not fit into
    /// memory.</exception>
    public static TrainingRun Open(
        RunDirectory directory, Device device, int? maxReplicas = null, long? memoryLimit = null, string? host = null)
    {
        var run = RunContext.Open(directory, host);
        var evaluation = HeldOutEvaluation.Open(run.Prepared, run.Config, run.Tokenizer);
        var memory = RunMemory.Of(run, evaluation, maxReplicas ?? (int)run.Spec.Replicas.Max, MemoryLimits.Of(device, memoryLimit));
        var compute = run.Spec.Precision == Precision.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        return memory.Guard(() => new TrainingRun(run, evaluation, memory, new ClipModel(run.Config.ModelCfg, device, compute)));
    }

    /// <summary>The last applied step; −1: no state yet.</summary>
    public long AppliedStep => state.AppliedStep;

    /// <summary>The order of samples.</summary>
    public StreamOrder Order => run.Prepared.Order;

    /// <summary>Fills the state: from the newest checkpoint that verifies, else from the spec's folder, else from the seed.</summary>
    /// <param name="claim">To the directory, of a coordinator's replica; null: of the only one.</param>
    /// <exception cref="BadInputException">There are checkpoints, but none can be used; or memory ran out.</exception>
    public void Restore(WriterClaim? claim = null) => restored = memory.Guard(() => RestoredState.Fill(run, state, claim));

    /// <summary>Forms a group to train in, which takes memory of the GPU too.</summary>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    /// <exception cref="BadInputException">Memory ran out.</exception>
    public ICollective Connect(Func<ICollective> connect) => memory.Guard(connect);

    /// <summary>Trains as a member of one generation, to the last step or until a command to all members ends it.</summary>
    /// <param name="report">Receives what happens: from rank 0 all, from others what concerns themselves.</param>
    /// <exception cref="CollectiveException">A member or the network was lost. The state is that of <see cref="AppliedStep"/>.</exception>
    /// <exception cref="BadInputException">Memory ran out; or what the others train with does not fit here.</exception>
    public LoopEnd Train(ICollective group, GenerationTerms terms, Action<RunRecord> report) =>
        memory.Guard(() => TrainGeneration(group, terms, report));

    private LoopEnd TrainGeneration(ICollective group, GenerationTerms terms, Action<RunRecord> report)
    {
        StateTransfer.Run(group, state, terms.Source);
        memory.AgreeOnMicroBatch(group, model.Parameters.Device);
        using var writer = OpenWriter(group, report, terms.Claim);
        writer.Begin(group.World, terms.Reason);
        writer.Record(new RunRecord { MemoryPlanned = memory.Planned() });
        var damage = new DamageReport(run.Prepared.Manifest, writer.Report);
        var poison = terms.PoisonRows ?? PoisonRowsFile.Load(run.Directory);
        using var samples = SamplePipeline.Open(run.Prepared, run.Config.ModelCfg, run.Tokenizer, poison, damage.Add);
        var range = new BatchRange(terms.Shares, group.Rank, AppliedStep + 1, run.Plan.Steps);
        using var batches = samples.Batches(range, get_num_threads(), terms.Over);
        var recipe = new StepRecipe(run.Spec, run.Plan.Steps, memory.MicroBatch, run.Config.PreprocessCfg)
        {
            GpuMemory = memory.GpuBytes,
        };
        using var step = new TrainStep(recipe, state, group, terms.Progress);
        var work = new StepWork(run.Config.ModelCfg, model.Declaration);
        var parts = new LoopParts(step, new StateComparison(group, state), batches, terms.Commands, terms.Progress, work);
        var end = new TrainLoop(run.Spec, run.Plan, parts, new Duties(this, writer)).Run(AppliedStep);
        if (end != LoopEnd.Regroups)
        {
            damage.Close(AppliedStep);
            writer.Record(new RunRecord { MemoryUsed = memory.Used() });
            writer.End(end == LoopEnd.Finished);
        }
        return end;
    }

    private IRunWriter OpenWriter(ICollective group, Action<RunRecord> report, WriterClaim? claim)
    {
        var source = restored;
        restored = null;
        if (group.Rank == 0)
        {
            copy ??= new StateCopy(model, state.Optimizer);
            return RunWriter.Open(new WriterParts(run, evaluation, state, copy, schedule, memory.MicroBatch, last), source, claim, report);
        }
        source?.Lock.Dispose();
        copy?.Dispose();
        copy = null;
        return new NullWriter(report);
    }

    public void Dispose()
    {
        restored?.Lock.Dispose();
        copy?.Dispose();
        state.Dispose();
        model.Dispose();
    }

    /// <summary>
    /// Beside what the writer does, every replica remembers the last step's metrics: the writer may be lost between applying a
    /// step and recording it, and then its successor records it.
    /// </summary>
    private sealed class Duties(TrainingRun run, IRunWriter writer) : ITrainDuties
    {
        public void Record(RunRecord record)
        {
            run.last = record.Step ?? run.last;
            writer.Record(record);
            if (record.Step is { } step && run.processors.Next() is { } notice)
                writer.Report(NoticeRecord.Of(step.Step, notice));
        }

        public void Evaluate(long step, Action<int> entering) => writer.Evaluate(step, entering);

        public bool HasCheckpoint(long step) => writer.HasCheckpoint(step);

        public bool IsCheckpointDue(long step) => writer.IsCheckpointDue(step);

        public void SaveCheckpoint(long step, bool cleanStop) => writer.SaveCheckpoint(step, cleanStop);
    }
}
