using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Streams;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using RunRecord = ClipDistributed.Contracts.Run.V1.RunRecord;
using RunStarted = ClipDistributed.Contracts.Run.V1.RunStarted;
using StepMetrics = ClipDistributed.Contracts.Run.V1.StepMetrics;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>A run, and the invariants that hold for it under all coordinators.</summary>
internal sealed class SimulatedRun(SimulatedCluster cluster, RunRow begins, RunSettings settings)
{
    private readonly Dictionary<long, SimulatedGroup> groups = [];
    private readonly Dictionary<long, int> done = []; // how often each step was computed
    private RunLoop? loop;
    private StartGeneration announced = new();
    // what the newest generation began with, and all its members have applied since
    private SimulatedState accepted = SimulatedState.Initial;
    private readonly List<SimulatedState> lost = []; // accepted before, and gone with all who held it; a checkpoint of it may be left
    private bool isStopping;

    public string RunId => begins.RunId;

    public long Steps => begins.Steps;

    public SimulatedCheckpoints Checkpoints { get; } = new(begins.RunId);

    /// <summary>The step of the newest checkpoint.</summary>
    public long Saved => Checkpoints.Newest;

    public bool MayStop => isStopping;

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
    }

    public void Stop()
    {
        isStopping = true;
        cluster.Trace($"{RunId} is to stop");
        cluster.Coordinator?.Run(() => loop!.Post(new RunInput.Stop(new TaskCompletionSource())));
    }

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
        cluster.Check(LiesOnTheLine(state), $"the checkpoint of {state} does not lie on the line of {accepted}");
        return (attempt, state);
    }

    /// <summary>
    /// At the moment at which a coordinator orders a replica that is to read a checkpoint: no replica that it can reach may hold a
    /// later state. Where the store was unavailable in between, that was decided earlier.
    /// </summary>
    public void CheckLaunched(LaunchReplica ordered, SimulatedCoordinator coordinator)
    {
        if (
            !ordered.Restore
            || coordinator != cluster.Coordinator
            || coordinator.Time.IsStopped
            || cluster.Coordinators.StoreUnavailableUntil > cluster.Time.Now - TimeSpan.FromSeconds(1)
        )
            return;
        var holder = cluster.Replicas.Find(other =>
            other.Run == this
            && other.Attempt > 0
            && other is { State: not null, Works: true, IsReached: true, IsLetGo: false, IsFresh: false }
            && other.Call!.Coordinator == coordinator
            && coordinator.Table.Knows(other.Id)
        );
        cluster.Check(holder is null, $"{ordered.ReplicaId} is to read a checkpoint, but {holder?.Id} holds {holder?.State}");
    }

    /// <summary>At the moment at which a coordinator announces a generation to a member.</summary>
    public void CheckAnnounced(SimulatedReplica member, StartGeneration next, SimulatedCoordinator coordinator)
    {
        cluster.Trace($"{RunId}, term {coordinator.Term}: {next} for {member.Id}, which holds {member.State}");
        bool isNew = next.Generation != announced.Generation;
        cluster.Check(
            coordinator.Term == cluster.Coordinators.Term,
            $"the coordinator of term {coordinator.Term} announces generation {next.Generation}, though that of term "
                + $"{cluster.Coordinators.Term} leads"
        );
        cluster.Check(
            next.Generation >= announced.Generation, // one that was sent only to dead replicas is not seen here
            $"generation {next.Generation} follows {announced.Generation}"
        );
        cluster.Check(
            isNew || (next.StartStep, next.World) == (announced.StartStep, announced.World),
            $"the members of generation {next.Generation} receive different messages"
        );
        cluster.Check(
            next.SourceRank == 0 && member.Applied <= next.StartStep && (next.Rank != 0 || member.Applied == next.StartStep),
            $"generation {next.Generation} starts at step {next.StartStep}, but {member.Id} of rank {next.Rank} holds {member.Applied}"
        );
        cluster.Check(
            member.Group is null || !member.Works,
            $"{member.Id} receives generation {next.Generation} while it computes in {member.Group?.Number}"
        );
        if (isNew)
        {
            var awaited = cluster.Replicas.Find(other => other.Run == this && other.IsAwaitedBy(coordinator));
            cluster.Check(
                awaited is null || !cluster.Coordinators.IsUndisturbed(coordinator),
                $"generation {next.Generation} does not wait for {awaited?.Id}, which holds {awaited?.State}");
            cluster.Check(cluster.IsKept(RunId, next), $"generation {next.Generation} is announced, but not kept");
            Reasons.Add(next.Reason);
        }
        if (next.Rank == 0)
            Accept(member);
        announced = next;
    }

    /// <summary>
    /// A generation goes on with what its source holds: that has come from all that was accepted before. Where all who held
    /// that are gone, it goes on with what is left: a checkpoint, or what one holds that was to leave.
    /// </summary>
    private void Accept(SimulatedReplica source)
    {
        var state = source.State!;
        bool isLeft =
            LiesOnTheLine(state)
            && (
                source.IsFresh
                || !cluster.Replicas.Exists(other => other.Run == this && other.Works && other.State?.Contains(accepted) == true)
            );
        cluster.Check(isLeft || state.Contains(accepted), $"{source.Id} goes on with {state}, which has not come from {accepted}");
        if (!state.Contains(accepted))
            lost.Add(accepted);
        accepted = state;
    }

    private bool LiesOnTheLine(SimulatedState state) => lost.Append(accepted).Any(line => line.Contains(state));

    /// <summary>All members of a group have applied a step.</summary>
    public void Committed(SimulatedGroup group, SimulatedState state)
    {
        if (group.Number != announced.Generation)
            return; // cut off from the coordinator
        cluster.Check(state.Before == accepted || state == accepted, $"{state} is committed after {accepted}");
        accepted = state;
    }

    /// <summary>At the moment at which a group computes: no later one may have begun while the coordinator hears all its members.</summary>
    public void CheckAlone(SimulatedGroup group, IReadOnlyList<SimulatedReplica> members) =>
        cluster.Check(
            group.Number == announced.Generation
                || !members.All(member => member.IsReached)
                || members.Any(member => member.Call!.IsOver || member.Call.Coordinator != cluster.Coordinator),
            $"generation {group.Number} computes, though {announced.Generation} has begun"
        );

    /// <summary>The shares of a try are cut alike by all, and take each slot of the global batch once.</summary>
    public void CheckRows(long step, IEnumerable<(int Rank, Shares Shares)> members)
    {
        int behind = 0;
        var held = members.OrderBy(member => member.Rank).ToList();
        foreach (var (rank, shares) in held)
        {
            var slots = shares.Of(rank);
            cluster.Check(
                slots.Start == behind && shares.Rows.SequenceEqual(held[0].Shares.Rows),
                $"rank {rank} computes {slots} of step {step} by the shares {shares}, and rank 0 goes by {held[0].Shares}"
            );
            behind = slots.End;
        }
        cluster.Check(behind == settings.Order.GlobalBatch, $"step {step} is computed with {behind} rows");
    }

    /// <summary>A step that was assigned is computed as the store says that it is cut: what begins with a later step changes nothing about
    /// it.</summary>
    public void CheckCut(SimulatedGroup group, long step, Shares shares)
    {
        string kept = cluster.Coordinators.Store.SharesOf(RunId, group.Number, step);
        cluster.Check(
            kept == string.Join('\n', shares.Rows),
            $"generation {group.Number} computes step {step} by the shares {shares}, but it is cut into {kept}"
        );
    }

    /// <summary>At the moment at which a coordinator assigns steps to a member: how they are cut is durable.</summary>
    public void CheckKept(SimulatedReplica member, Assignment assigned, SimulatedCoordinator coordinator)
    {
        if (coordinator.Term != cluster.Coordinators.Term)
            return; // it has been followed; who has heard the other one does not obey
        foreach (long step in (long[])[assigned.FirstStep, assigned.LastStep])
        {
            string kept = cluster.Coordinators.Store.SharesOf(RunId, assigned.Generation, step);
            cluster.Check(
                kept == string.Join('\n', assigned.Shares),
                $"{member.Id} is assigned {assigned}, but step {step} is cut into {kept}"
            );
        }
    }

    /// <summary>What a member is to read are the rows of its share.</summary>
    public void CheckSpans(SimulatedReplica member, Assignment assigned)
    {
        var shares = new Shares([.. assigned.Shares.Select(rows => (int)rows)]);
        var spans = assigned.Spans.Select(span => new ShardSpan(span.Shard, (long)span.FirstRow, (long)span.Rows));
        cluster.Check(
            spans.SequenceEqual(SpanPlan.Of(settings.Order, assigned.FirstStep, assigned.LastStep, shares.Of(member.Rank))),
            $"{member.Id} of rank {member.Rank} is assigned {assigned}"
        );
    }

    /// <summary>What was kept of what replicas said: each step of an attempt once, in order, from the generation that was the newest when
    /// it was kept.</summary>
    public void CheckRecords(IReadOnlyList<RecordRow> records)
    {
        (int Attempt, long Step) last = default;
        foreach (var row in records.Where(row => row.ReplicaId != ""))
        {
            var said = StoredRecord.Parse(row.Record);
            cluster.Check(
                said.Host == NameOf(row.Generation), $"{RunId} keeps {said} of {row.ReplicaId}, received in generation {row.Generation}");
            if (said.Started is { } begun)
                last = begun.Attempt == last.Attempt ? last : (begun.Attempt, 0);
            if (said.Step is not { Step: var step })
                continue;
            cluster.Check(step > last.Step, $"{RunId} keeps step {step} behind step {last.Step} of attempt {last.Attempt}");
            last.Step = step;
        }
        if (Journal.Row.State == Contracts.Run.V1.RunState.Succeeded)
            cluster.Check(
                Math.Max(last.Step, Checkpoints.BeganAt) == Steps && accepted.Step == Steps,
                $"{RunId} succeeded, but its last record is of step {last.Step}, and {accepted} was committed last"
            );
    }

    /// <summary>All that cost time or replicas is an incident, and no second counts twice.</summary>
    /// <param name="recomputed">Steps that all of them may count as recomputed.</param>
    public void CheckIncidents(long recomputed = long.MaxValue)
    {
        var row = Journal.Row;
        var incidents = cluster.Incidents(RunId);
        cluster.Check(
            incidents.All(incident => incident is { Closed: not null, Action: not "", SecondsLost: >= 0 }),
            $"{RunId} has incidents without an end: {string.Join("; ", incidents.Select(Describe))}"
        );
        cluster.Check(incidents.All(incident => incident.SamplesRepeated == 0), $"samples were repeated");
        cluster.Check(
            incidents.Count >= row.Generation - 1,
            $"{incidents.Count} incidents, though generation {row.Generation} was the last"
        );
        cluster.Check(incidents.Sum(incident => incident.StepsRecomputed) <= recomputed, $"steps count as recomputed");
        if (cluster.Coordinators.ClockWasSet)
            return;
        double lost = incidents.Sum(incident => incident.SecondsLost!.Value);
        double late = 0.2 * incidents.Count; // records of steps that were computed before it was closed come up to so much later
        cluster.Check(
            row.UsefulSeconds + lost <= row.WallSeconds + late + 0.001,
            $"{row.UsefulSeconds} s in steps and {lost} s lost of {row.WallSeconds} s"
        );
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

    private static string Describe(IncidentRow one) =>
        $"{one.Number} {one.Kind}, closed {one.Closed:T}, lost {one.SecondsLost}, {one.Evidence}, {one.Action}";

    /// <summary>Records name the generation that they were sent in as their host.</summary>
    private static string NameOf(long generation) => $"generation {generation}";
}
