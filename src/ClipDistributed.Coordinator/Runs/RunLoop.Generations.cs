using ClipDistributed.Coordinator.Members;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Streams;
using Generation = ClipDistributed.Coordinator.Generations.Generation;
using ReplicaMessage = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The generations of a run: formed, announced, supplied with steps, broken, followed by the next.</summary>
internal sealed partial class RunLoop
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);

    // Generations in a row in which no step was applied: by then nobody can expect the next one to do better.
    private const int FruitlessLimit = 10;

    private Generation? generation;
    private GenerationOutcome.Over? ending; // why the run ends; null: it goes on
    private TimeSpan endedAt;
    private bool isEndTold; // the replicas were told to leave
    private bool isKilled; // they were told to end at once
    private bool isSaveOrdered; // the checkpoint that was asked for, in this generation
    private int fruitless;
    private string lossReason = ""; // why the next generation begins

    /// <summary>A generation was announced.</summary>
    private bool HasComputed => Row.Generation > 0;

    private RunPhase PhaseOfGeneration => Row.Wish == RunPhase.Unspecified ? RunPhase.Running : Row.Wish;

    /// <returns>When to look again though nothing came; null: never.</returns>
    private async Task<TimeSpan?> DriveAsync()
    {
        if (ending is null && isAdopting)
            await AwaitReplicasAsync();
        if (ending is null)
            HearRefusals();
        TimeSpan? wake = null;
        if (ending is null && generation is not null)
            wake = await LeadAsync(generation);
        if (ending is null)
        {
            LetDrainedGo();
            Release();
            await ReplaceAsync();
        }
        if (ending is null && generation is null)
            wake = Earliest(wake, search is null ? await FormAsync() : await AwaitTrialAsync());
        return ending is null ? wake : await FinishAsync(ending);
    }

    private async Task<TimeSpan?> LeadAsync(Generation current)
    {
        current.Advance(Now);
        foreach (var (member, evidence) in Silence.Find(current, Now, around.Options.ReplicaLease, around.Options.LeastHangLimit, () => HearsOthers(current)).Concat(Unreached.Find(current)))
            Evict(member, evidence);
        current.Stuck ??= Silence.Stuck(current, Now, around.Options.LeastHangLimit);
        switch (GenerationOutcome.Judge(current))
        {
            case GenerationOutcome.Over over:
                if (incidents.IsUndecided)
                    NoteSettled(current, GenerationOutcome.Losses(current.Members));
                Row.Step = Math.Max(Row.Step, current.Members[0].Seat.Ended?.AppliedStep ?? 0); // a lost member's last word may be of an earlier step
                BeginEnding(over.Phase == RunPhase.Stopped && stopReason != "" ? over with { Reason = $"{over.Reason}: {stopReason}" } : over);
                return null;
            case GenerationOutcome.Settled settled:
                NoteSettled(current, settled.Reason);
                Break(current);
                Suspect(current);
                if (current.Applied > current.StartStep || settled.Reason == "")
                    fruitless = 0;
                else if (current.Members.All(member => member.Seat.Failure is null or { UnreachedRanks.Count: 0 })) // a cut network mends, and hosts behind it get fewer and fewer replicas
                    fruitless++;
                (generation, lossReason) = (null, settled.Reason);
                isSaveOrdered = false; // whoever was to save it may be lost
                if (fruitless == FruitlessLimit)
                    BeginEnding(new GenerationOutcome.Over(RunPhase.Failed, $"{FruitlessLimit} generations in a row applied no step; the last: {settled.Reason}; clipd submit --resume goes on from the newest checkpoint"));
                return null;
            case GenerationOutcome.Broken:
                NoteBreak(current);
                Break(current);
                TellEnd(current);
                var brokenAt = current.BrokenAt!.Value;
                var toldAt = adoptUntil > brokenAt ? adoptUntil : brokenAt; // whom a former coordinator led has until then to come back
                var silentAt = toldAt + around.Options.CausePatience;
                var late = Silence.Late(current, Now, toldAt, around.Options.CausePatience);
                foreach (var member in late)
                    Evict(member, $"did not leave its generation within {(Now - toldAt).TotalSeconds:0} s");
                if (late.Count > 0)
                    Post(new RunInput.Tick()); // judge again
                else
                    await SetPhaseAsync(RunPhase.Recovering, GenerationOutcome.Losses(current.Members));
                return Now < silentAt ? Earliest(silentAt, Now + Glance) : Now + Glance;
        }
        // Commands that a former coordinator gave are known when all members are back.
        if (!isAdopting)
        {
            Command(current);
            await RebalanceAsync(current);
        }
        Supply(current);
        return Now + Glance;
    }

    private bool HearsOthers(Generation than) => around.Hosts.HearsOthers(than.Members.Select(member => member.Device.Host), around.Options.ReplicaLease);

    private static void Supply(Generation current)
    {
        foreach (var (member, message) in current.Due())
            member.Link!.Send(message);
    }

    /// <summary>Checkpoints are saved when they are asked for. A generation with other members begins at a step's border: nothing is computed twice for it.</summary>
    private void Command(Generation current)
    {
        if (Row.Wish == RunPhase.Stopping && !current.Commands.Contains(CommandKind.Stop))
            current.Order(CommandKind.Stop);
        if (Row.WantsCheckpoint && !isSaveOrdered)
            current.Order(CommandKind.Checkpoint);
        isSaveOrdered = Row.WantsCheckpoint;
        if (!current.IsRegrouping && Row.Wish == RunPhase.Unspecified && current.Applied > current.StartStep && IsToRegroup(current))
            current.Order(CommandKind.Regroup);
    }

    /// <summary>Begins the next generation, or says what it waits for.</summary>
    private async Task<TimeSpan?> FormAsync()
    {
        if (isAdopting)
            return adoptUntil;
        // A run that is to stop needs one replica that saves what the others hold too.
        var need = Row.Wish == RunPhase.Unspecified ? work.Need : work.Need with { Min = 1 };
        switch (GroupDecision.Decide(replicas, need, HasComputed, saves: Row.Wish != RunPhase.Unspecified))
        {
            case GroupDecision.Form form:
                await AnnounceAsync(form.Members);
                return Now; // its members are to be supplied
            case GroupDecision.Restore when Row.Wish != RunPhase.Unspecified:
                BeginEnding(new GenerationOutcome.Over(RunPhase.Failed, "all replicas were lost before they could save; clipd submit --resume goes on from the newest checkpoint"));
                return null;
            case GroupDecision.Restore restore when stillborn < StillbornLimit:
                foreach (var member in replicas.Where(member => member.IsLive))
                    member.Evict("is started anew", excused: true);
                Release();
                await SetPhaseAsync(Row.Generation > 0 ? RunPhase.Recovering : RunPhase.Starting, restore.Reason);
                await ReplaceAsync();
                return Now + Glance;
            case GroupDecision.Restore:
                BeginEnding(new GenerationOutcome.Over(RunPhase.Failed, $"{StillbornLimit} replicas in a row ended before they were ready; the last: {lastStillborn}; clipd submit --resume goes on from the newest checkpoint"));
                return null;
            case var wait:
                return await WaitAsync(wait.Reason);
        }
    }

    private async Task AnnounceAsync(IReadOnlyList<Replica> members)
    {
        long start = members[0].Applied, number = Row.Generation + 1;
        var shares = Shares.Even(work.Order.GlobalBatch, members.Count, work.ShareUnit);
        var current = new Generation(number, members, start, new AssignmentPlan(work.Order, number, shares, Row.Steps, around.Options.AssignmentHorizon), Now);
        for (int rank = 0; rank < members.Count; rank++)
            members[rank].Begin(rank, start, Now);
        NoteAnnounced(current, lossReason);
        var now = around.Time.GetUtcNow().UtcDateTime;
        (Row.Generation, Row.Replicas, Row.Step, Row.Started) = (number, members.Count, start, Row.Started ?? now);
        waitsSince = null;
        generation = current; // before it is shown
        (looksAgainAt, stepsBetweenLooks) = (start, StepsBetweenLooks);
        journal.News.Begun.Add(new GenerationRow
        {
            RunId = Row.RunId,
            Number = number,
            Announced = now,
            StartStep = start,
            Term = journal.Term,
            Members = string.Join('\n', members.Select(member => member.ReplicaId)),
            Shares = Write(shares),
        });
        await SetPhaseAsync(PhaseOfGeneration, "");
        around.Rendezvous.Open(Row.RunId, number);
        string reason = number == 1 ? "" : $"{(lossReason == "" ? "" : $"{lossReason}. ")}Generation {number} goes on after step {start} with {Counted.Plain(members.Count, "replica")}.";
        lossReason = "";
        foreach (var (member, announcement) in current.Announcements(reason, condemned.Select(ToMessage)))
            member.Link!.Send(new ReplicaMessage { Generation = announcement });
        LogGeneration(Row.RunId, number, members.Count, start, reason);
    }

    /// <summary>Tells the members to drop the group at once: some of them may be blocked in it.</summary>
    private void Break(Generation current)
    {
        if (current.BrokenAt is not null)
            return;
        current.BrokenAt = Now;
        around.Rendezvous.Close(Row.RunId, current.Number);
        TellEnd(current);
    }

    private static void TellEnd(Generation current)
    {
        string reason = GenerationOutcome.Cause(current);
        foreach (var member in current.Members.Where(member => member is { IsLinked: true, Seat.IsEndAnnounced: false }))
        {
            member.Seat.IsEndAnnounced = true;
            member.Link!.Send(new ReplicaMessage { EndGeneration = new EndGeneration { Generation = current.Number, Reason = reason } });
        }
    }

    /// <summary>It may live, but nothing is to be had from it: its process is ended, so that it can do no harm.</summary>
    private void Evict(Replica member, string evidence)
    {
        member.Evict(evidence);
        Kill(member);
    }

    private void BeginEnding(GenerationOutcome.Over over)
    {
        if (ending is not null)
            return;
        (ending, endedAt) = (over, Now);
        if (search is not null)
            AbandonTrial();
        if (generation is not null && over.Phase is RunPhase.Failed or RunPhase.Cancelled)
            Break(generation!);
        else if (generation is not null)
            around.Rendezvous.Close(Row.RunId, generation.Number);
        (Row.EndPhase, Row.EndReason) = (over.Phase, over.Reason);
        LogEnding(Row.RunId, Row.Generation, over.Phase, over.Reason);
    }

    /// <summary>The end is durable before it is told.</summary>
    private async Task TellEndAsync(GenerationOutcome.Over over)
    {
        isEndTold = true;
        await SaveAsync();
        string reason = over.Reason == "" ? "the run is done" : over.Reason;
        foreach (var member in replicas)
            member.Link?.Send(new ReplicaMessage { Leave = new Leave { Reason = reason } });
        foreach (var member in replicas.Where(member => member is { Link: null, IsGone: false }))
            Kill(member); // it still loads and hears nothing
    }

    /// <summary>Waits for the replicas' processes, kills those that take too long, then ends the run.</summary>
    private async Task<TimeSpan?> FinishAsync(GenerationOutcome.Over over)
    {
        if (!isEndTold)
            await TellEndAsync(over);
        var killAt = over.Phase == RunPhase.Cancelled ? endedAt : endedAt + around.Options.LeaveGrace;
        if (!isKilled && Now >= killAt)
        {
            isKilled = true;
            foreach (var member in replicas.Where(member => !member.IsGone))
                Kill(member);
        }
        var giveUpAt = killAt + around.Options.LeaveGrace;
        if (replicas.All(member => member.IsGone) || Now >= giveUpAt)
        {
            await EndAsync(over);
            return null;
        }
        return isKilled ? giveUpAt : killAt;
    }

    private async Task EndAsync(GenerationOutcome.Over over)
    {
        await ShowAsync();
        incidents.End($"the run ended: {Lower(over.Phase)}"); // behind that: the store may have been away
        foreach (var member in replicas.Where(member => !member.IsGone))
            LogLeftBehind(member.ReplicaId, member.Device.Host);
        LetGo();
        // After that: a host that came back while this was saved has kept it, one that comes later is told by its welcome.
        foreach (var member in replicas.Where(member => member.Exit is null))
            Kill(member);
        Row.Ended = around.Time.GetUtcNow().UtcDateTime;
        await SetPhaseAsync(over.Phase, over.Reason);
    }

    /// <summary>The replicas are no longer this run's: their devices are free, and news of them has nowhere to go.</summary>
    private void LetGo()
    {
        foreach (var member in replicas)
        {
            around.Replicas.Remove(member.ReplicaId);
            around.Pool.Release(member.Device, member.ReplicaId);
        }
    }

    private static TimeSpan? Earliest(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;
}
