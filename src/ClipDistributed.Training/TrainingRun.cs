using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.Model.Folders;
using ClipDistributed.Training.Checkpoints;
using ClipDistributed.Training.Consistency;
using ClipDistributed.Training.Memory;
using ClipDistributed.Training.Processors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training;

/// <summary>
/// One replica of a run: what its directory describes, and a state that lives on from generation to generation. Rank 0 also
/// writes. A world of one is a generation like any other.
/// </summary>
public sealed class TrainingRun : IDisposable
{
    private readonly RunParts run;
    private readonly RunMemory memory;
    private readonly ClipModel model;
    private readonly TrainState state;
    private readonly CheckpointSchedule schedule;
    private readonly ProcessorWatch processors = new(TimeProvider.System, () => ProcessorUse.Now());
    private StateCopy? copy; // where this replica writes checkpoints
    private RestoredState? restored;
    private StepMetrics? last; // applied, whoever wrote it down

    /// <param name="mostReplicas">The most that will share a step; null: as many as the spec allows.</param>
    /// <param name="memoryLimit">Bytes that this process may use; null: what the host gives.</param>
    /// <param name="host">That this replica runs on, as the coordinator names it; null: none leads it.</param>
    /// <exception cref="BadInputException">The directory does not hold a run that can be trained, or it does not fit into memory.</exception>
    public TrainingRun(RunDirectory directory, Device device, int? mostReplicas = null, long? memoryLimit = null, string? host = null)
    {
        run = new RunParts(directory) { Host = host };
        Order = RunPlan.Order(run.Spec, run.Manifest);
        memory = new RunMemory(run, Order, mostReplicas ?? (int)run.Spec.Replicas.Max, device.type == DeviceType.CPU ? HostMemory.Available(memoryLimit) : null);
        memory.Check();
        model = new ClipModel(run.Config.ModelCfg, device, run.Spec.Precision == Precision.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32);
        state = new TrainState(run.Spec.Optimizer, model);
        schedule = new CheckpointSchedule(run.Spec.Checkpoint, TimeProvider.System);
    }

    /// <summary>The last applied step; −1: no state yet.</summary>
    public long AppliedStep => state.AppliedStep;

    /// <summary>The order of samples.</summary>
    public StreamOrder Order { get; }

    /// <summary>Fills the state: from the newest checkpoint that verifies, else from the spec's folder, else from the seed.</summary>
    /// <param name="claim">To the directory, of a coordinator's replica; null: of the only one.</param>
    /// <exception cref="BadInputException">There are checkpoints, but none can be used.</exception>
    public void Restore(WriterClaim? claim = null) => restored = RestoredState.Fill(run, state, claim);

    /// <summary>Trains as a member of one generation, to the end or until all members are asked to stop.</summary>
    /// <param name="tell">Is told what happens; by rank 0 all, by others what concerns themselves.</param>
    /// <exception cref="CollectiveException">A member or the network was lost. The state is that of <see cref="AppliedStep"/>.</exception>
    public LoopEnd Train(ICollective group, GenerationTerms terms, Action<ReplicaMessage> tell)
    {
        StateTransfer.Run(group, state, terms.Source);
        run.MicroBatch = memory.AgreeOnMicroBatch(group, model.Parameters.Device);
        using var writer = Writer(group, tell, terms.Claim);
        writer?.Begin(group.World, terms.Reason);
        writer?.Record(memory.Planned());
        Action<ReplicaMessage> report = writer is null ? tell : writer.Record;
        var damage = new DamageReport(run.Manifest, report);
        var reader = new SampleReader(run.Manifest, Order, (long)run.Spec.Limits.ReadAheadBytes, damage.Add, condemned: terms.Condemned ?? CondemnedRows.Load(run.Directory.Condemned));
        try
        {
            var encoder = run.Encoder(reader, Order, damage.Add);
            using var batches = new BatchSource(reader, encoder, terms.Shares, group.Rank, AppliedStep + 1, run.Plan.Steps, get_num_threads(), (long)run.Spec.Limits.ReadAheadBytes, cancel: terms.Over);
            using var step = new TrainStep(new StepRecipe(run.Spec, run.Plan.Steps, run.MicroBatch, run.Config.PreprocessCfg), state, group, terms.Clock);
            var end = new TrainLoop(run.Spec, run.Plan, step, new StateComparison(group, state), batches, terms.Commands, terms.Clock, new Duties(this, writer, report)).Run(AppliedStep);
            if (end != LoopEnd.Regroups)
            {
                damage.Close(AppliedStep);
                writer?.Record(memory.Used());
                writer?.End(end == LoopEnd.Finished);
            }
            return end;
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private RunWriter? Writer(ICollective group, Action<ReplicaMessage> tell, WriterClaim? claim)
    {
        var source = restored;
        restored = null;
        if (group.Rank == 0)
            return new RunWriter(run, state, copy ??= new StateCopy(model, state.Optimizer), schedule, source, last, tell, claim);
        source?.Lock.Dispose();
        copy?.Dispose();
        copy = null;
        return null;
    }

    public void Dispose()
    {
        restored?.Lock.Dispose();
        copy?.Dispose();
        state.Dispose();
        model.Dispose();
    }

    /// <summary>
    /// Rank 0 writes what all hold in common. The others remember the last step's line: the writer may be lost between
    /// applying a step and writing it down, and then its successor does it.
    /// </summary>
    private sealed class Duties(TrainingRun run, RunWriter? writer, Action<ReplicaMessage> report) : ITrainDuties
    {
        public void Record(ReplicaMessage message)
        {
            run.last = message as StepMetrics ?? run.last;
            writer?.Record(message);
            if (message is StepMetrics step && run.processors.Next() is { } notice)
                report(new RunNotice(step.Step, notice));
        }

        public void Evaluate(long step, Action<int> entering) => writer?.Evaluate(step, entering);

        public bool HasCheckpoint(long step) => writer?.HasCheckpoint(step) ?? true;

        public bool IsCheckpointDue(long step) => writer?.IsCheckpointDue(step) ?? false;

        public void SaveCheckpoint(long step, bool cleanStop) => writer?.SaveCheckpoint(step, cleanStop);
    }
}
