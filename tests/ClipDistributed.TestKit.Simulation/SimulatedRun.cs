using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using RunRecord = ClipDistributed.Contracts.Run.V1.RunRecord;
using RunStarted = ClipDistributed.Contracts.Run.V1.RunStarted;
using StepMetrics = ClipDistributed.Contracts.Run.V1.StepMetrics;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>A run under all its coordinators.</summary>
internal sealed class SimulatedRun
{
    private readonly SimulatedCluster cluster;
    private readonly RunRow begins;
    private readonly RunSettings settings;
    private readonly Dictionary<long, SimulatedGroup> groups = [];
    private readonly Dictionary<long, int> done = []; // how often each step was computed
    private RunLoop? loop;
    private bool isStopping;
    private bool? isToPause; // as was requested last; null: never

    public SimulatedRun(SimulatedCluster cluster, RunRow begins, RunSettings settings)
    {
        (this.cluster, this.begins, this.settings) = (cluster, begins, settings);
        Checkpoints = new SimulatedCheckpoints(begins.RunId);
        Line = new SimulatedLine(cluster, this);
        ShareChecks = new ShareChecks(cluster, begins.RunId, settings.Order);
        RecordChecks = new RecordChecks(cluster, this);
        PreemptionChecks = new PreemptionChecks(cluster, this);
    }

    public string RunId => begins.RunId;

    public long Steps => begins.Steps;

    public RunNeed Need => settings.Need;

    public SimulatedCheckpoints Checkpoints { get; }

    /// <inheritdoc cref="SimulatedLine"/>
    public SimulatedLine Line { get; }

    /// <inheritdoc cref="Simulation.ShareChecks"/>
    public ShareChecks ShareChecks { get; }

    /// <inheritdoc cref="Simulation.RecordChecks"/>
    public RecordChecks RecordChecks { get; }

    /// <inheritdoc cref="Simulation.PreemptionChecks"/>
    public PreemptionChecks PreemptionChecks { get; }

    /// <summary>The step of the newest checkpoint.</summary>
    public long Saved => Checkpoints.Newest;

    public bool MayStop => isStopping;

    /// <summary>How often a pause was requested.</summary>
    public int Pauses { get; private set; }

    /// <summary>How often it was rolled back.</summary>
    public int RollBacks { get; private set; }

    /// <summary>Steps that were computed more than once.</summary>
    public IEnumerable<long> Recomputed => done.Where(step => step.Value > 1).Select(step => step.Key);

    /// <summary>The last step that was computed.</summary>
    public long Done => done.Count == 0 ? 0 : done.Keys.Max();

    /// <summary>Why its generations began, in their order.</summary>
    public List<string> Reasons { get; } = [];

    /// <summary>Of the coordinator that leads it, or did last.</summary>
    public RunJournal Journal { get; private set; } = null!;

    /// <summary>Of the loop that leads it, or did last.</summary>
    public Task Ending { get; private set; } = Task.CompletedTask;

    /// <summary>The run has ended, and not only the coordinator that led it.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Its replicas are on their way out.</summary>
    public bool Ends => Journal.Row.EndState != Contracts.Run.V1.RunState.Unspecified;

    /// <summary>The record of a step, as rank 0 sends it.</summary>
    public static RunRecord RecordOf(SimulatedState applied, long generation) => new()
    {
        Step = new StepMetrics { Step = applied.Step, Loss = 1, Seconds = 0.02 },
        Host = NameOf(generation),
    };

    /// <summary>The record of the beginning of a generation, as rank 0 sends it.</summary>
    public static RunRecord BeginningOf(int attempt, long generation) =>
        new() { Started = new RunStarted { Attempt = attempt }, Host = NameOf(generation) };

    public void Lead(SimulatedCoordinator coordinator, RunRow row, RunHistory history, long records)
    {
        Journal = new RunJournal(coordinator.Store, new StoredRun(row, records, []), coordinator.Time, NullLogger.Instance);
        HasEnded = Journal.HasEnded;
        if (HasEnded)
            return;
        loop = RunLoop.Open(Journal, settings, coordinator.Services, history);
        Ending = LeadAsync(coordinator, loop);
    }

    /// <summary>As a coordinator does that starts.</summary>
    public async Task TakeOverAsync(SimulatedCoordinator coordinator)
    {
        var row = (await coordinator.Store.LoadAsync()).Runs.Single(run => run.RunId == RunId);
        Lead(coordinator, row, await coordinator.Store.HistoryAsync(row), await coordinator.Store.LastRecordAsync(RunId));
        if (isStopping && row.StopRequest == Contracts.Run.V1.RunState.Unspecified)
            Stop(); // the request was not answered, and is repeated
        if (isToPause is not null && !isStopping)
            RequestPause();
    }

    public void Stop()
    {
        isStopping = true;
        cluster.Trace($"{RunId} is to stop");
        cluster.Coordinator?.Run(() => loop!.Post(new RunInput.Stop(new TaskCompletionSource())));
    }

    public void Pause(bool undo = false)
    {
        isToPause = !undo;
        var row = Journal.Row;
        if (row.State == Contracts.Run.V1.RunState.Paused && row.Reason.StartsWith("saved after", StringComparison.Ordinal))
            cluster.Check(Saved >= row.Step, $"{RunId} is paused after step {row.Step}, and {Saved} is saved");
        Pauses += undo ? 0 : 1;
        cluster.Trace($"{RunId} is {(undo ? "no longer " : "")}to be paused");
        RequestPause();
    }

    public void Scale(int min, int max)
    {
        cluster.Trace($"{RunId} is scaled to {min} to {max} replicas");
        cluster.Coordinator?.Run(() => loop!.Post(new RunInput.Scale((uint)min, (uint)max, new TaskCompletionSource())));
    }

    /// <summary>To one of its checkpoints, by chance.</summary>
    public void RollBack()
    {
        if (Checkpoints.Published is not { Count: > 0 } saved)
            return;
        var (attempt, state) = saved[cluster.Pick(saved.Count)];
        cluster.Trace($"{RunId} is to be rolled back to {state}");
        cluster.Coordinator?.Run(() => loop!.Post(new RunInput.RollBack(attempt, state.Step, new TaskCompletionSource())));
    }

    public int BeginAttempt(RollBack from)
    {
        var (attempt, state) = Checkpoints.RollBack(from.Attempt, from.Step);
        cluster.Trace($"attempt {attempt} of {RunId} begins with {state}");
        RollBacks++;
        Line.RollBack(state);
        return attempt;
    }

    private void RequestPause() => cluster.Coordinator?.Run(() => loop!.Post(
        isToPause == true ? new RunInput.Pause(new TaskCompletionSource()) : new RunInput.Resume(new TaskCompletionSource())));

    /// <summary>At the moment at which a group computes: it is none of a paused run, unless the coordinator does not reach it.</summary>
    public void CheckNotPaused(SimulatedGroup group, IReadOnlyList<SimulatedReplica> members) =>
        cluster.Check(
            Journal.Row.State is not (Contracts.Run.V1.RunState.Paused or Contracts.Run.V1.RunState.Preempted)
                || !members.All(member => member.IsReached)
                || members.Any(member => member.Call!.IsOver || member.Call.Coordinator != cluster.Coordinator),
            $"generation {group.Number} computes, though {RunId} is {Journal.Row.State}"
        );

    public void Did(long step) => done[step] = done.GetValueOrDefault(step) + 1;

    public SimulatedGroup GroupOf(StartGeneration generation)
    {
        if (!groups.TryGetValue(generation.Generation, out var group))
            groups[generation.Generation] = group = new SimulatedGroup(cluster, this, generation);
        return group;
    }

    public void BreakMeetings()
    {
        foreach (var group in groups.Values)
            group.BreakMeeting();
    }

    /// <returns>Null: another one writes there by a better claim.</returns>
    public (int Attempt, SimulatedState State)? Restore(SimulatedReplica reader, long generation)
    {
        if (!Checkpoints.Claim(reader, generation))
            return null;
        var (attempt, state) = Checkpoints.Read();
        cluster.Trace($"{reader.Id} has read {state} for attempt {attempt}");
        Line.CheckRead(state);
        PreemptionChecks.CheckRead(state);
        return (attempt, state);
    }

    private async Task LeadAsync(SimulatedCoordinator coordinator, RunLoop led)
    {
        try
        {
            await led.RunAsync(coordinator.Over);
            HasEnded = true;
        }
        catch (OperationCanceledException)
        {
            // its process ends
        }
        catch (TermOverException)
        {
            cluster.Time.After(TimeSpan.Zero, () => cluster.Coordinators.End(coordinator));
        }
        catch (Exception broken)
        {
            cluster.Broken ??= broken;
            throw;
        }
        finally
        {
            led.Dispose();
        }
    }

    public string Describe() => $"{RunId} is {Journal.Row.State} at step {Journal.Row.Step} ({Journal.Row.Reason})";

    /// <summary>Records name the generation that they were sent in as their host.</summary>
    public static string NameOf(long generation) => $"generation {generation}";
}
