using System.Threading.Channels;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
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
    private RunPhase? wish; // Stopping or Cancelled, where a user asked for it
    private bool changed; // since the last save or show
    private bool recorded;
    private TimeSpan lastShown;
    private long attempt; // that the replicas work on
    private long lastStep; // of that attempt, whose record was kept

    public RunLoop(RunJournal journal, RunWork work, RunSurroundings around)
    {
        (this.journal, this.work, this.around, logger) = (journal, work, around, around.LoopLogger);
        began = around.Time.GetTimestamp();
        alarm = around.Time.CreateTimer(_ => Post(new RunInput.Tick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private RunRow Row => journal.Row;

    /// <summary>Since the loop was made.</summary>
    private TimeSpan Now => around.Time.GetElapsedTime(began);

    /// <summary>Never blocks. False: the loop has ended.</summary>
    public bool Post(RunInput input) => inputs.Writer.TryWrite(input);

    /// <summary>Ends when the run has ended, or the coordinator does.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        void Ask() => Post(new RunInput.DevicesChanged());
        around.Pool.Enter(work.Need);
        around.Pool.Changed += Ask;
        try
        {
            await ActAsync();
            while (!RunJournal.IsEnd(Row.Phase))
            {
                await TakeAsync(await inputs.Reader.ReadAsync(cancel));
                while (inputs.Reader.TryRead(out var more))
                    await TakeAsync(more);
                await ActAsync();
            }
        }
        finally
        {
            around.Pool.Changed -= Ask;
            around.Pool.Forget(Row.RunId);
            if (!RunJournal.IsEnd(Row.Phase))
            {
                foreach (var member in replicas)
                    member.Link?.Send(new ReplicaMessage { Leave = new Leave { Reason = "nobody leads this run any more" } });
            }
            LetGo();
            inputs.Writer.TryComplete();
        }
    }

    public void Dispose() => alarm.Dispose();

    private async Task TakeAsync(RunInput input)
    {
        switch (input)
        {
            case RunInput.Stop stop:
                await WishAsync(RunPhase.Stopping, stop.Done);
                break;
            case RunInput.Cancel cancel:
                await WishAsync(RunPhase.Cancelled, cancel.Done);
                break;
            case RunInput.ReplicaGreeted greeted when Find(greeted.ReplicaId) is { } member:
                member.Greeted(greeted.Link, greeted.Hello, Now);
                stillborn = 0;
                if (ending is { } over)
                    greeted.Link.Send(new ReplicaMessage { Leave = new Leave { Reason = over.Reason } });
                break;
            case RunInput.ReplicaSaid said when Find(said.ReplicaId) is { } member:
                Hear(member, said.Message);
                break;
            case RunInput.LinkLost lost:
                Find(lost.ReplicaId)?.LostLink();
                break;
            case RunInput.ReplicaExited exited when Find(exited.ReplicaId) is { Exit: null } member:
                member.Exited(exited.Exit);
                break;
            case RunInput.HostLeft left:
                Find(left.ReplicaId)?.HostLeft();
                break;
            case RunInput.HostReturned returned:
                Find(returned.ReplicaId)?.HostReturned();
                break;
        }
    }

    private Member? Find(string replicaId) => replicas.FirstOrDefault(member => member.ReplicaId == replicaId);

    /// <summary>What a member says about another generation than its own is over and is not heard.</summary>
    private void Hear(Member member, ConnectRequest said)
    {
        long number = generation?.Members.Contains(member) == true ? generation.Number : 0;
        member.Heard(Now);
        switch (said.MessageCase)
        {
            case Said.Progress when said.Progress is var progress && progress.Generation == number && number > 0:
                member.Progressed(progress, Now);
                changed = true;
                break;
            case Said.Record when said.Record is { Record_: { } record } && said.Record.Generation == number:
                Keep(record);
                break;
            // A replica that fails while it loads knows of no generation yet.
            case Said.Failure when said.Failure is var failure && (failure.Generation == number || failure.Generation == 0):
                member.Failed(failure);
                LogFailure(member.ReplicaId, member.Device.Host, number, failure.Kind, string.Join(" | ", failure.Errors));
                if (failure.Kind == FailureKind.Faulty)
                    Evict(member, $"computes wrongly: {string.Join(" | ", failure.Errors)},");
                break;
            case Said.Ended when said.Ended.Generation == number:
                member.Finished(said.Ended);
                changed = true;
                break;
        }
    }

    /// <summary>A step of an attempt that was recorded before and is done again after a fault gives the same: it is told once.</summary>
    private void Keep(Struct record)
    {
        if (RecordReading.AttemptOf(record) is { } begun && begun != attempt)
            (attempt, lastStep) = (begun, 0);
        if (RecordReading.StepOf(record) is { } step)
        {
            if (step <= lastStep)
                return;
            lastStep = step;
        }
        journal.Add(record);
        if (RecordReading.LossOf(record) is { } loss)
            Row.Loss = loss;
        changed = recorded = true;
    }

    private async Task WishAsync(RunPhase asked, TaskCompletionSource done)
    {
        if (wish != RunPhase.Cancelled && ending is null)
        {
            wish = asked;
            if (kind is null)
                await EndAsync(Wished(asked));
            else if (asked == RunPhase.Cancelled || !hasComputed)
                BeginEnding(Wished(asked));
            else
                await SetPhaseAsync(RunPhase.Stopping, "a clean stop was asked for; the step in flight is finished and saved");
            if (wish == RunPhase.Stopping && generation is { BrokenAt: null })
                Order(generation, CommandKind.Stop);
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
        if (kind is null)
            wake = await WaitForDevicesAsync();
        if (kind is not null)
            wake = await DriveAsync();
        if (RunJournal.IsEnd(Row.Phase))
            return;

        if (changed && Now - lastShown >= SavePause)
            await ShowAsync();
        if (changed && (wake is null || lastShown + SavePause < wake))
            wake = lastShown + SavePause;
        var due = wake - Now ?? Timeout.InfiniteTimeSpan;
        alarm.Change(wake is null || due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task ShowAsync()
    {
        if (generation is not null)
            Row.Step = Math.Max(Row.Step, generation.Applied);
        journal.Replicas = [.. generation?.Described() ?? []];
        if (recorded)
            await journal.SaveAsync();
        else
            journal.Show();
        (changed, recorded, lastShown) = (false, false, Now);
    }

    private async Task SetPhaseAsync(RunPhase phase, string reason, GenerationRow? begun = null)
    {
        if ((Row.Phase, Row.Reason) == (phase, reason) && begun is null)
            return;
        (Row.Phase, Row.Reason) = (phase, reason);
        journal.Replicas = [.. generation?.Described() ?? []];
        await journal.SaveAsync(begun);
        (changed, recorded, lastShown) = (false, false, Now);
        LogPhase(Row.RunId, phase, reason);
    }
}
