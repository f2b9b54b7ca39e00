using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Members;
using System.Threading.Channels;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Samples;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using ConnectRequest = ClipDistributed.Contracts.Replica.V1.ConnectRequest;
using ReplicaMessage = ClipDistributed.Contracts.Replica.V1.ConnectResponse;
using Said = ClipDistributed.Contracts.Replica.V1.ConnectRequest.MessageOneofCase;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// Owns one run from its submission to its end: reads one channel, takes what came into its state, then does what the
/// state calls for. All but <see cref="Post"/> happens on the loop.
/// </summary>
internal sealed partial class RunLoop : IDisposable
{
    private static readonly TimeSpan SavePause = TimeSpan.FromMilliseconds(200);

    private readonly RunJournal journal;
    private readonly RunWork work;
    private readonly RunSurroundings around;
    private readonly ILogger<RunLoop> logger;
    private readonly Channel<RunInput> inputs = Channel.CreateUnbounded<RunInput>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ITimer alarm;
    private readonly long began;
    private bool changed; // since the last save or show
    private bool recorded;
    private TimeSpan lastShown;
    private TimeSpan? due; // when the alarm goes off
    private CancellationToken over; // the coordinator ends

    /// <param name="history">What a former coordinator has left of the run.</param>
    public RunLoop(RunJournal journal, RunWork work, RunSurroundings around, RunHistory history)
    {
        (this.journal, this.work, this.around, logger) = (journal, work, around, around.LoopLogger);
        condemned = LoadCondemned(out damage);
        began = around.Time.GetTimestamp();
        clock = new WallClock(around.Time);
        incidents = new IncidentLog(Row, journal.News, history.Incident, around.Time);
        alarm = around.Time.CreateTimer(_ => Post(new RunInput.Tick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (!HasDevices)
            around.Pool.Enter(work.Need);
        Adopt(history);
    }

    private RunRow Row => journal.Row;

    private bool HasDevices => Row.Kind != DeviceKind.Unspecified;

    /// <summary>Since the loop was made.</summary>
    private TimeSpan Now => around.Time.GetElapsedTime(began);

    /// <summary>Never blocks. False: the loop has ended.</summary>
    public bool Post(RunInput input) => inputs.Writer.TryWrite(input);

    /// <summary>Ends when the run has ended, or the coordinator does; its replicas then go on until the next one takes them over.</summary>
    /// <exception cref="TermOverException">Another coordinator leads the run.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        void Ask() => Post(new RunInput.DevicesChanged());
        over = cancel;
        around.Pool.Changed += Ask;
        try
        {
            if (damage is not null)
                await RefuseAsync(damage);
            await ActAsync();
            while (!RunJournal.IsEnd(Row.Phase))
            {
                var input = await inputs.Reader.ReadAsync(cancel);
                if (Renew(due ?? Now) is { } still)
                    NoteStall(still);
                await TakeAsync(input);
                while (inputs.Reader.TryRead(out var more))
                    await TakeAsync(more);
                await ActAsync();
            }
        }
        catch (Exception bug) when (bug is not (OperationCanceledException or TermOverException))
        {
            foreach (var member in replicas)
                member.Link?.Send(new ReplicaMessage { Leave = new Leave { Reason = "nobody leads this run any more" } });
            LetGo();
            throw;
        }
        finally
        {
            around.Pool.Changed -= Ask;
            around.Pool.Forget(Row.RunId);
            inputs.Writer.TryComplete();
        }
    }

    public void Dispose() => alarm.Dispose();

    private async Task TakeAsync(RunInput input)
    {
        switch (input)
        {
            case RunInput.Stop stop:
                await WishAsync(RunPhase.Stopping, stop.Done, stop.By);
                break;
            case RunInput.Cancel cancel:
                await WishAsync(RunPhase.Cancelled, cancel.Done, cancel.By);
                break;
            case RunInput.SaveCheckpoint save when Row.Wish == RunPhase.Unspecified && ending is null:
                (Row.WantsCheckpoint, isSaveOrdered) = (true, false);
                NoteRequest("checkpoint", save.By);
                await SaveAsync();
                save.Done.TrySetResult();
                break;
            case RunInput.SaveCheckpoint save:
                save.Done.TrySetException(RequestRefusedException.WrongState($"run {Row.RunId} {Words(Row.Phase)} and saves what it saves; nothing more can be asked for"));
                break;
            case RunInput.ReplicaGreeted greeted when Find(greeted.ReplicaId) is { } member:
                Greet(member, greeted.Link, greeted.Hello);
                break;
            case RunInput.ReplicaSaid said when Find(said.ReplicaId) is { IsLive: true } member && member.Link == said.Link:
                Hear(member, said.Message);
                break;
            case RunInput.LinkLost lost when Find(lost.ReplicaId) is { } member && member.Link == lost.Link:
                member.OnLinkLost(Now);
                break;
            case RunInput.ReplicaExited exited when search is not null && exited.ReplicaId == trialId:
                HearTrial(exited.Exit);
                break;
            case RunInput.ReplicaExited exited when Find(exited.ReplicaId) is { Exit: null } member:
                member.OnExit(exited.Exit);
                break;
            case RunInput.HostLeft left when search is not null && left.ReplicaId == trialId:
                HearTrial(new ProcessExit(null, "its host was lost"));
                break;
            case RunInput.HostLeft left:
                Find(left.ReplicaId)?.OnHostLost();
                break;
            case RunInput.HostDrained drained when Find(drained.ReplicaId) is { IsLive: true } member:
                await DrainAsync(member, drained);
                break;
            case RunInput.HostReturned returned:
                Find(returned.ReplicaId)?.OnHostReturned();
                break;
        }
    }

    private Replica? Find(string replicaId) => named.GetValueOrDefault(replicaId);

    /// <summary>What a member says about another generation than its own is over and is not heard.</summary>
    private void Hear(Replica member, ConnectRequest said)
    {
        long number = generation?.Has(member) == true ? generation.Number : 0;
        member.OnMessage(Now);
        switch (said.MessageCase)
        {
            case Said.Progress when said.Progress is var progress && progress.Generation == number && number > 0:
                member.OnProgress(progress, Now);
                changed = true;
                break;
            case Said.Record when said.Record is { Record_: not null } record && record.Generation == number && record.Number > member.Seat.Recorded:
                member.Seat.Recorded = record.Number;
                Keep(member, record);
                break;
            // A replica that fails while it loads knows of no generation yet.
            case Said.Failure when said.Failure is var failure && (failure.Generation == number || failure.Generation == 0):
                member.OnFailure(failure);
                LogFailure(member.ReplicaId, member.Device.Host, number, failure.Kind, string.Join(" | ", failure.Errors));
                if (failure.Kind == FailureKind.Faulty)
                    Evict(member, $"computes wrongly: {string.Join(" | ", failure.Errors)},");
                break;
            case Said.Ended when said.Ended.Generation == number:
                member.OnEnded(said.Ended);
                changed = true;
                break;
        }
    }

    /// <summary>A step of an attempt that was recorded before and is done again after a fault gives the same: it is told once.</summary>
    private void Keep(Replica member, Record said)
    {
        var record = said.Record_;
        changed = recorded = true;
        if (RecordReading.AttemptOf(record) is { } begun && begun != Row.Attempt)
        {
            isToRecount |= Row.RecordedStep > (RecordReading.StartOf(record) ?? 0);
            (Row.Attempt, Row.RecordedStep) = (begun, 0);
        }
        if (RecordReading.StepOf(record) is { } step)
        {
            CountStep(step, record);
            if (step <= Row.RecordedStep)
                return;
            Row.RecordedStep = step;
        }
        Row.WantsCheckpoint &= !RecordReading.IsCheckpoint(record);
        journal.Add(record, member.ReplicaId, said.Number);
        Row.Loss = RecordReading.LossOf(record) ?? Row.Loss;
    }

    private async Task WishAsync(RunPhase asked, TaskCompletionSource done, string by)
    {
        if (Row.Wish != RunPhase.Cancelled && ending is null)
        {
            Row.Wish = asked;
            NoteRequest(asked == RunPhase.Cancelled ? "cancel" : "stop", by);
            if (!HasDevices)
                await EndAsync(Wished(asked));
            else if (asked == RunPhase.Cancelled || !HasComputed)
                BeginEnding(Wished(asked));
            else
                await SetPhaseAsync(RunPhase.Stopping, "a clean stop was asked for; the step in flight is finished and saved");
            await SaveAsync();
        }
        done.TrySetResult();
    }

    private static GenerationOutcome.Over Wished(RunPhase asked) => asked == RunPhase.Cancelled
        ? new GenerationOutcome.Over(RunPhase.Cancelled, "cancelled by a user")
        : new GenerationOutcome.Over(RunPhase.Stopped, "stopped before it began");

    /// <summary>Does what the state calls for, and sets the alarm for the next moment at which time alone changes something.</summary>
    private async Task ActAsync()
    {
        TimeSpan? wake = null;
        if (RunJournal.IsEnd(Row.Phase))
            return;
        await FollowIncidentsAsync();
        if (!HasDevices)
            wake = await WaitForDevicesAsync();
        if (HasDevices)
            wake = await DriveAsync();
        if (RunJournal.IsEnd(Row.Phase))
            return;

        if (changed && Now - lastShown >= SavePause)
            await ShowAsync();
        if (changed && (wake is null || lastShown + SavePause < wake))
            wake = lastShown + SavePause;
        due = wake is null || wake > Now ? wake : Now;
        alarm.Change(due - Now ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private async Task ShowAsync()
    {
        if (generation is not null)
            Row.Step = Math.Max(Row.Step, generation.Applied);
        journal.Replicas = [.. generation?.Described() ?? []];
        Row.WallSeconds = incidents.WallSeconds;
        if (recorded)
            await SaveAsync();
        else
            journal.Show();
        (changed, lastShown) = (false, Now);
    }

    private async Task SetPhaseAsync(RunPhase phase, string reason)
    {
        if ((Row.Phase, Row.Reason) == (phase, reason) && journal.News.Begun.Count == 0)
            return;
        (Row.Phase, Row.Reason) = (phase, reason);
        journal.Replicas = [.. generation?.Described() ?? []];
        await SaveAsync();
        (changed, lastShown) = (false, Now);
        LogPhase(Row.RunId, phase, reason);
    }

    /// <summary>Makes durable what is new, then tells the replicas which of their records they can forget.</summary>
    private async Task SaveAsync()
    {
        var from = Now;
        Row.WallSeconds = incidents.WallSeconds;
        var absence = await journal.SaveAsync(over);
        Renew(from); // where the store kept it waiting
        recorded = false;
        if (absence is not null)
            NoteAbsence(absence);
        foreach (var member in generation?.Members.Where(member => member.IsLinked && member.Seat.Recorded > member.Seat.Acknowledged) ?? [])
        {
            member.Seat.Acknowledged = member.Seat.Recorded;
            member.Link!.Send(new ReplicaMessage { Kept = new Kept { Generation = generation!.Number, Number = member.Seat.Recorded } });
        }
    }
}
