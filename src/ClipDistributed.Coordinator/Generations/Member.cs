using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>
/// What is known of one replica of a run, from its launch to the end of its process, over all the generations that it is
/// part of. Belongs to the run's loop; moments count from the loop's start.
/// </summary>
/// <param name="restores">It fills its state itself; the others are given it.</param>
internal sealed class Member(string replicaId, DeviceId device, bool restores, TimeSpan launchedAt)
{
    private const int FewSteps = 9, ManySteps = 15;

    private readonly Queue<double> busy = []; // seconds of its last steps with the same share
    private long pacedFrom; // step

    public string ReplicaId { get; } = replicaId;

    public DeviceId Device { get; } = device;

    public bool Restores { get; } = restores;

    public TimeSpan LaunchedAt { get; } = launchedAt;

    /// <summary>In its generation.</summary>
    public int Rank { get; private set; }

    /// <summary>Its newest one; null: it has not said hello to this coordinator.</summary>
    public ReplicaLink? Link { get; private set; }

    /// <summary>A former coordinator started it, and this one has not heard of it yet.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>The last applied step; -1: it holds no state.</summary>
    public long Applied { get; set; } = -1;

    /// <summary>The step that it works on or applied last.</summary>
    public long Step { get; private set; }

    /// <summary>The last step that it is known to have begun; one that the group broke in, which it had not told yet, is one.</summary>
    public long BegunStep => this switch
    {
        { Ended: { } ended } => ended.AppliedStep, // it left at a border, whatever it said of the next step
        { Failure: { Kind: FailureKind.Collective } failure, Phase: not StepPhase.Unspecified } => Math.Max(Step, failure.AppliedStep + 1),
        _ => Step,
    };

    public StepPhase Phase { get; private set; }

    /// <summary>On the network of the collectives; empty: it told none.</summary>
    public string DataAddress { get; private set; } = "";

    public uint MicroBatch { get; private set; }

    public long ResidentBytes { get; private set; }

    /// <summary>What a step with its share takes it without waiting for others; null: too few were seen.</summary>
    public BusyTimes? Busy => busy.Count < FewSteps ? null : BusyTimes.Of(busy);

    /// <summary>The last step that it was assigned in its generation.</summary>
    public long Assigned { get; set; }

    /// <summary>How many commands of its generation it was given.</summary>
    public int Commanded { get; set; }

    /// <summary>It was told that its generation is over.</summary>
    public bool ToldEnd { get; set; }

    /// <summary>The number of its last record in its generation.</summary>
    public long Recorded { get; private set; }

    /// <summary>The record up to which it was told that they are kept.</summary>
    public long ToldKept { get; set; }

    /// <summary>When it last said anything.</summary>
    public TimeSpan HeardAt { get; private set; } = launchedAt;

    /// <summary>When it last said that it is elsewhere than before.</summary>
    public TimeSpan MovedAt { get; private set; } = launchedAt;

    /// <summary>How it left the training loop of its generation; null: it has not.</summary>
    public Ended? Ended { get; private set; }

    /// <summary>Why its generation cannot go on here; null: it can.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>It has said what no other attempt would mend.</summary>
    public bool Refuses => Failure is { Kind: not (FailureKind.Collective or FailureKind.Faulty) };

    /// <summary>How its process ended; null: it runs, as far as its host has told.</summary>
    public ProcessExit? Exit { get; private set; }

    /// <summary>Why it counts as lost, with what was seen; null: it does not.</summary>
    public string? Lost { get; private set; }

    /// <summary>It was given up here, and did not go by itself.</summary>
    public bool IsEvicted { get; private set; }

    /// <summary>Its host is drained: it is to leave as soon as nobody needs it.</summary>
    public bool Drains { get; private set; }

    /// <summary>When its drained host ends; null: not before this has left.</summary>
    public TimeSpan? DrainedUntil { get; private set; }

    /// <summary>When it was told to leave in good order; null: it was not.</summary>
    public TimeSpan? DepartedAt { get; private set; }

    /// <summary>Its host has no part in its loss.</summary>
    public bool IsExcused { get; private set; }

    public bool HostAway { get; private set; }

    /// <summary>Its host was lost before it was ready, so that it is not known what became of it.</summary>
    public bool WentWithHost { get; private set; }

    public bool IsLinked => Link is not null && !LinkBroken;

    /// <summary>It has lost its link, and may come back on another one.</summary>
    public bool LinkBroken { get; private set; }

    /// <summary>When that was seen.</summary>
    public TimeSpan LinkBrokenAt { get; private set; }

    /// <summary>Nobody has to be waited for any more: the process ended, or nobody could tell if it did.</summary>
    public bool IsGone => Exit is not null || (HostAway && !IsLinked);

    /// <summary>It has said how its generation ended for it, and waits for the next.</summary>
    public bool HasReported => Ended is not null || Failure is not null;

    /// <summary>It waits for others, to form the group or in an operation of it: it wakes at once when its generation is over.</summary>
    public bool IsBlocked => Phase is StepPhase.Unspecified or StepPhase.Wait or StepPhase.Gather or StepPhase.Reduce;

    /// <summary>It may wait for others, so whatever is slow is somebody else: amid the loss numbers are exchanged too.</summary>
    public bool Waits => IsBlocked || Phase is StepPhase.Loss;

    /// <summary>For people.</summary>
    public string Described => $"replica {ReplicaId} on host {Device.Host}";

    /// <summary>It said hello, for the first time or again.</summary>
    public void Greeted(ReplicaLink link, Hello hello, TimeSpan now)
    {
        (Link, LinkBroken, IsAwaited) = (link, false, false);
        (Applied, Step, ResidentBytes) = (hello.AppliedStep, Math.Max(hello.AppliedStep, 0), hello.ResidentBytes);
        DataAddress = hello.DataAddress;
        (Assigned, Commanded, ToldEnd, ToldKept) = (hello.AssignedStep, hello.Commands.Count, false, 0);
        (HeardAt, MovedAt) = (now, now);
    }

    /// <summary>A generation begins for it.</summary>
    /// <param name="step">The applied step that it starts from.</param>
    public void Begin(int rank, long step, TimeSpan now)
    {
        (Rank, Step, Ended, Failure, Phase) = (rank, step, null, null, StepPhase.Unspecified);
        (Assigned, Commanded, ToldEnd, Recorded, ToldKept) = (step, 0, false, 0, 0);
        (HeardAt, MovedAt) = (now, now);
        Paced(step + 1);
    }

    /// <summary>Taken over from a former coordinator: nothing is held against it before a moment to come.</summary>
    /// <param name="until">That moment.</param>
    public void Await(TimeSpan until) => (IsAwaited, HostAway, HeardAt, MovedAt) = (true, true, until, until);

    /// <summary>Taken over as a member of the generation that goes on.</summary>
    /// <param name="step">Which it has applied at least.</param>
    /// <param name="recorded">The number of its last record that is durable.</param>
    public void Continue(int rank, long step, long recorded) => (Rank, Step, Recorded) = (rank, step, recorded);

    /// <summary>This coordinator stood still: what it did not hear meanwhile is nobody's silence.</summary>
    public void Renew(TimeSpan now) => (HeardAt, MovedAt, LinkBrokenAt) = (Later(HeardAt, now), Later(MovedAt, now), Later(LinkBrokenAt, now));

    /// <returns>False: it was heard before.</returns>
    public bool Said(Record record)
    {
        if (record.Number <= Recorded)
            return false;
        Recorded = record.Number;
        return true;
    }

    public void Progressed(Progress progress, TimeSpan now)
    {
        if ((progress.Step, progress.Phase, progress.MicroBatch) != (Step, Phase, MicroBatch))
            MovedAt = now;
        (Step, Phase, MicroBatch, ResidentBytes, HeardAt) = (progress.Step, progress.Phase, progress.MicroBatch, progress.ResidentBytes, now);
        if (progress.AppliedStep > Applied && progress.AppliedStep >= pacedFrom && progress.BusySeconds > 0)
            busy.Enqueue(progress.BusySeconds);
        if (busy.Count > ManySteps)
            busy.Dequeue();
        Applied = Math.Max(Applied, progress.AppliedStep);
    }

    /// <summary>Its share is another one from a step on: what it took before says nothing about it.</summary>
    public void Paced(long first)
    {
        busy.Clear();
        pacedFrom = first;
    }

    public void Heard(TimeSpan now) => HeardAt = now;

    public void Finished(Ended ended)
    {
        Ended = ended;
        (Applied, Step) = (Math.Max(Applied, ended.AppliedStep), ended.AppliedStep);
    }

    /// <summary>What it holds afterwards is what it says: a transfer of state that broke off leaves none.</summary>
    public void Failed(Failure failure)
    {
        Failure = failure;
        Applied = failure.AppliedStep;
    }

    /// <summary>Nothing is to be had from it, though it may live; how its process then ends says nothing new.</summary>
    /// <param name="excused">Its host has no part in that.</param>
    public void Evict(string evidence, bool excused = false)
    {
        (IsEvicted, IsExcused) = (true, excused);
        Lose(evidence);
    }

    /// <param name="until">When its host ends; null: not before this has left.</param>
    public void Drain(TimeSpan? until) => (Drains, DrainedUntil) = (true, until);

    public void StopDraining() => (Drains, DrainedUntil) = (false, null);

    /// <summary>It was told to leave in good order, and is given time to do so.</summary>
    public void Depart(string evidence, TimeSpan now)
    {
        DepartedAt = now;
        Evict(evidence, excused: true);
    }

    /// <param name="evidence">As in <c>was ended by signal 9 (SIGKILL)</c>.</param>
    /// <param name="words">Its own last ones; may be empty.</param>
    public void Lose(string evidence, string words = "") =>
        Lost ??= $"{evidence} {(Link is null && !IsAwaited ? "before it was ready" : $"at step {Step}")}{(words == "" ? "" : $": {words.TrimEnd('.')}")}";

    /// <summary>A link that breaks alone is no loss: the replica connects again.</summary>
    public void LostLink(TimeSpan now)
    {
        (LinkBroken, LinkBrokenAt) = (true, now);
        if (Exit is { } exit)
            Lose(exit.How, exit.Words);
    }

    /// <summary>Its last words come on another call than its host's: while the link holds they have not all been heard.</summary>
    public void Exited(ProcessExit exit)
    {
        Exit ??= exit;
        if (IsLinked || IsEvicted)
            return;
        Lost = null; // the exit says more than its silence did
        Lose(exit.How, exit.Words);
    }

    public void HostLeft()
    {
        HostAway = true;
        if (Link is not null || IsAwaited)
            return;
        WentWithHost = true;
        Lose("cannot be started: its host was lost"); // nothing else tells whether it lives
    }

    public void HostReturned() => HostAway = false;

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
