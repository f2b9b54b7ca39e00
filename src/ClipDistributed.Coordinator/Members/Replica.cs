using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.Members;

/// <summary>
/// The state of one replica of a run, from its launch to the end of its process, over all its generations. Belongs to the run's loop;
/// moments count from the loop's start.
/// </summary>
/// <param name="restores">It restores its state itself; the others receive it.</param>
internal sealed class Replica(string replicaId, DeviceId device, bool restores, TimeSpan launchedAt)
{
    public string ReplicaId { get; } = replicaId;

    public DeviceId Device { get; } = device;

    public bool Restores { get; } = restores;

    public TimeSpan LaunchedAt { get; } = launchedAt;

    public ProcessState Process { get; private set; } = new ProcessState.Running();

    public LinkState LinkState { get; private set; } = new LinkState.None();

    public Standing Standing { get; private set; } = new Standing.Live();

    /// <summary>In its newest generation.</summary>
    public Seat Seat { get; private set; } = new(rank: 0, start: 0);

    /// <summary>The last applied step; -1: it holds no state.</summary>
    public long Applied { get; private set; } = -1;

    /// <summary>The step that it computes or applied last.</summary>
    public long Step { get; private set; }

    public StepPhase Phase { get; private set; }

    public uint MicroBatch { get; private set; }

    public long ResidentBytes { get; private set; }

    /// <summary>On the network of the collectives; empty: it has none.</summary>
    public string DataAddress { get; private set; } = "";

    /// <summary>When its last message arrived.</summary>
    public TimeSpan LastMessageAt { get; private set; } = launchedAt;

    /// <summary>When it last reported progress within its step.</summary>
    public TimeSpan MovedAt { get; private set; } = launchedAt;

    /// <summary>Human-readable.</summary>
    public string Described => $"replica {ReplicaId} on host {Device.Host}";

    /// <summary>Its newest one; null: it has not connected to this coordinator.</summary>
    public ReplicaLink? Link => LinkState switch
    {
        LinkState.Open open => open.Link,
        LinkState.Broken broken => broken.Link,
        _ => null,
    };

    public bool IsLinked => LinkState is LinkState.Open;

    public bool IsAwaited => LinkState is LinkState.Awaited;

    /// <summary>The run counts on it.</summary>
    public bool IsLive => Standing is Standing.Live or Standing.Draining;

    /// <summary>The run counts on it, and its host stays.</summary>
    public bool IsStaying => Standing is Standing.Live;

    /// <summary>Its host stays, or waits with its end until this has left.</summary>
    public bool MayGoOn => Standing is Standing.Live or Standing.Draining { Until: null };

    /// <summary>Its host is drained, or was when it was lost.</summary>
    public bool IsOfDrainedHost =>
        Standing is Standing.Draining or Standing.Departing { WasDraining: true } or Standing.Lost { WasDraining: true };

    /// <summary>Why the run counts on it no longer; null: it does.</summary>
    public string? Evidence => Standing switch
    {
        Standing.Lost lost => lost.Evidence,
        Standing.Departing departing => departing.Evidence,
        _ => null,
    };

    /// <summary>The coordinator evicted or dismissed it: it did not end by itself.</summary>
    public bool IsEvicted => Standing is Standing.Departing or Standing.Lost { Cause: LossCause.Evicted };

    /// <summary>Its loss is not a failure of its host.</summary>
    public bool IsExcused => Standing is Standing.Departing or Standing.Lost { IsExcused: true };

    /// <summary>How its process ended; null: it runs, as far as its host has reported.</summary>
    public ProcessExit? Exit => (Process as ProcessState.Exited)?.Exit;

    public bool IsHostLost => Process is ProcessState.Unknown or ProcessState.Exited { IsHostLost: true };

    /// <summary>There is nothing left to wait for: the process has ended, or no host can report whether it has.</summary>
    public bool IsGone => Process is ProcessState.Exited || (IsHostLost && !IsLinked);

    /// <summary>It has reported how its generation ended for it, and waits for the next.</summary>
    public bool HasReported => Seat.Outcome is not null;

    /// <summary>It has reported an error that a retry would not fix.</summary>
    public bool Refuses => Seat.Failure is { Kind: not (FailureKind.Collective or FailureKind.Faulty) };

    /// <summary>It waits for others, to form the group or in an operation of it: it wakes at once when its generation is over.</summary>
    public bool IsBlocked => Phase is StepPhase.Unspecified or StepPhase.Wait or StepPhase.Gather or StepPhase.Reduce;

    /// <summary>It may wait for others, so that another one is slow: amid the loss numbers are exchanged too.</summary>
    public bool Waits => IsBlocked || Phase is StepPhase.Loss;

    /// <summary>The last step that it has begun as far as is known, one in which the group broke included.</summary>
    public long BegunStep => Seat.Outcome switch
    {
        SeatOutcome.Left left => left.Ended.AppliedStep, // it left at a step boundary, whatever it reported of the next step
        SeatOutcome.Failed { Failure: { Kind: FailureKind.Collective } failure } when Phase != StepPhase.Unspecified =>
            Math.Max(Step, failure.AppliedStep + 1),
        _ => Step,
    };

    /// <summary>It connected, for the first time or again.</summary>
    public void OnHello(ReplicaLink link, Hello hello, TimeSpan now)
    {
        LinkState = new LinkState.Open(link);
        (Applied, Step, ResidentBytes) = (hello.AppliedStep, Math.Max(hello.AppliedStep, 0), hello.ResidentBytes);
        DataAddress = hello.DataAddress;
        Seat.OnHello(hello);
        (LastMessageAt, MovedAt) = (now, now);
    }

    /// <summary>A generation begins for it.</summary>
    /// <param name="step">The applied step that it starts from.</param>
    public void Begin(int rank, long step, TimeSpan now)
    {
        Seat = new Seat(rank, step);
        (Step, Phase) = (step, StepPhase.Unspecified);
        (LastMessageAt, MovedAt) = (now, now);
    }

    /// <summary>Taken over from a former coordinator: its leases run from a moment to come.</summary>
    /// <param name="until">That moment.</param>
    public void AwaitReturn(TimeSpan until)
    {
        (LinkState, Process) = (new LinkState.Awaited(), new ProcessState.Unknown());
        (LastMessageAt, MovedAt) = (until, until);
    }

    /// <summary>Taken over as a member of the generation that goes on.</summary>
    /// <param name="step">Which it has applied at least.</param>
    /// <param name="recorded">The number of its last record that is durable.</param>
    public void Continue(int rank, long step, long recorded) =>
        (Seat, Step) = (new Seat(rank, start: 0) { Recorded = recorded, Persisted = recorded }, step);

    /// <summary>This coordinator paused: that it received nothing meanwhile is no evidence against the replica.</summary>
    public void RenewLease(TimeSpan now)
    {
        (LastMessageAt, MovedAt) = (now > LastMessageAt ? now : LastMessageAt, now > MovedAt ? now : MovedAt);
        if (LinkState is LinkState.Broken broken && now > broken.Since)
            LinkState = broken with { Since = now };
    }

    public void OnMessage(TimeSpan now) => LastMessageAt = now;

    public void OnProgress(Progress progress, TimeSpan now)
    {
        if ((progress.Step, progress.Phase, progress.MicroBatch) != (Step, Phase, MicroBatch))
            MovedAt = now;
        (Step, Phase, MicroBatch) = (progress.Step, progress.Phase, progress.MicroBatch);
        (ResidentBytes, LastMessageAt, Seat.Progress) = (progress.ResidentBytes, now, progress);
        if (progress.AppliedStep <= Applied)
            return;
        Seat.Time(progress.AppliedStep, progress.BusySeconds);
        Applied = progress.AppliedStep;
    }

    public void OnEnded(Ended ended)
    {
        Seat.Outcome = new SeatOutcome.Left(ended);
        (Applied, Step) = (Math.Max(Applied, ended.AppliedStep), ended.AppliedStep);
    }

    /// <summary>What it holds afterwards is what it reports: a transfer of state that broke off leaves none.</summary>
    public void OnFailure(Failure failure)
    {
        Seat.Outcome = new SeatOutcome.Failed(failure);
        Applied = failure.AppliedStep;
    }

    /// <summary>A link that breaks alone is not a loss: the replica connects again.</summary>
    public void OnLinkLost(TimeSpan now)
    {
        if (Link is { } link)
            LinkState = new LinkState.Broken(link, now);
        if (Exit is { } exit)
            Lose(exit.How, LossCause.Exited, exit.LastOutput);
    }

    /// <summary>Its last messages arrive on another call than its host's: while the link is open they have not all been received.</summary>
    public void OnExit(ProcessExit exit)
    {
        if (Process is not ProcessState.Exited)
            Process = new ProcessState.Exited(exit, IsHostLost);
        if (IsLinked || IsEvicted)
            return;
        // The exit is better evidence than what was concluded before.
        var cause = Standing is Standing.Lost { Cause: LossCause.HostLost } ? LossCause.HostLost : LossCause.Exited;
        Standing = new Standing.Lost(EvidenceOf(exit.How, exit.LastOutput), cause, IsExcused: false, IsOfDrainedHost);
    }

    public void OnHostLost()
    {
        Process = Process is ProcessState.Exited exited ? exited with { IsHostLost = true } : new ProcessState.Unknown();
        if (LinkState is LinkState.None)
            Lose("cannot be started: its host was lost", LossCause.HostLost); // nothing else shows whether it is alive
    }

    public void OnHostReturned() =>
        Process = Process is ProcessState.Exited gone ? gone with { IsHostLost = false } : new ProcessState.Running();

    /// <summary>Its host is drained.</summary>
    /// <param name="until">When the host ends; null: not before this has left.</param>
    public void Drain(TimeSpan? until) => Standing = IsLive ? new Standing.Draining(until) : Standing;

    public void StopDraining() => Standing = IsLive ? new Standing.Live() : Standing;

    /// <summary>It is asked to leave, and given a grace period.</summary>
    /// <param name="evidence">As in <c>leaves, because its host is drained,</c>.</param>
    public void Depart(string evidence, TimeSpan now) => Standing = new Standing.Departing(EvidenceOf(evidence), now, IsOfDrainedHost);

    /// <summary>It is given up, though it may be alive; how its process then ends is no new evidence.</summary>
    /// <param name="excused">That is not a failure of its host.</param>
    public void Evict(string evidence, bool excused = false) => Lose(evidence, LossCause.Evicted, isExcused: excused);

    /// <param name="evidence">As in <c>was ended by signal 9 (SIGKILL)</c>.</param>
    /// <param name="output">The last lines of its process; may be empty.</param>
    public void Lose(string evidence, LossCause cause, string output = "", bool isExcused = false)
    {
        if (IsLive)
            Standing = new Standing.Lost(EvidenceOf(evidence, output), cause, isExcused, IsOfDrainedHost);
    }

    private string EvidenceOf(string evidence, string output = "")
    {
        string when = LinkState is LinkState.None ? "before it was ready" : $"at step {Step}";
        return output == "" ? $"{evidence} {when}" : $"{evidence} {when}: {output.TrimEnd('.')}";
    }
}
