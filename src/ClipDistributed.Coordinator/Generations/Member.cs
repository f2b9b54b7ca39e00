using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>What is known of one member of a generation. Belongs to the run's loop; moments count from the loop's start.</summary>
/// <param name="restores">It fills its state itself; the others are given it.</param>
internal sealed class Member(string replicaId, DeviceId device, int rank, bool restores)
{
    public string ReplicaId { get; } = replicaId;

    public DeviceId Device { get; } = device;

    public int Rank { get; } = rank;

    public bool Restores { get; } = restores;

    /// <summary>Null: it has not said hello.</summary>
    public ReplicaLink? Link { get; private set; }

    /// <summary>The last applied step; -1: it holds no state.</summary>
    public long Applied { get; set; } = -1;

    /// <summary>The step that it works on or applied last.</summary>
    public long Step { get; set; }

    public StepPhase Phase { get; set; }

    public long ResidentBytes { get; set; }

    /// <summary>How it left the training loop; null: it has not.</summary>
    public Ended? Ended { get; set; }

    public Failure? Failure { get; private set; }

    public TimeSpan FailedAt { get; private set; }

    /// <summary>How its process ended; null: it runs, as far as its host has told.</summary>
    public ProcessExit? Exit { get; private set; }

    /// <summary>When its link, its host or its process was lost first; null: none was.</summary>
    public TimeSpan? LostSince { get; private set; }

    public bool HostAway { get; private set; }

    public bool IsLinked => Link is not null && !LinkBroken;

    /// <summary>It has lost its link; what it said before has all been heard.</summary>
    public bool LinkBroken { get; private set; }

    /// <summary>Nobody has to be waited for any more: the process ended, or nobody could tell if it did.</summary>
    public bool IsGone => Exit is not null || (HostAway && !IsLinked);

    /// <summary>For people.</summary>
    public string Described => $"replica {ReplicaId} on host {Device.Host}";

    public void Greeted(ReplicaLink link, Hello hello)
    {
        Link = link;
        (Applied, Step, ResidentBytes) = (hello.AppliedStep, Math.Max(hello.AppliedStep, 0), hello.ResidentBytes);
    }

    public void Failed(Failure failure, TimeSpan now) => (Failure, FailedAt) = (failure, now);

    public void LostLink(TimeSpan now)
    {
        LinkBroken = true;
        LostSince ??= now;
    }

    public void Exited(ProcessExit exit, TimeSpan now)
    {
        Exit ??= exit;
        LostSince ??= now;
    }

    public void HostLeft(TimeSpan now)
    {
        HostAway = true;
        if (Link is null)
            LostSince ??= now; // nothing else tells whether it lives
    }

    public void HostReturned()
    {
        HostAway = false;
        if (Link is null && Exit is null)
            LostSince = null;
    }
}
