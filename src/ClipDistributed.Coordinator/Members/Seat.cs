using ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Coordinator.Members;

/// <summary>A replica's place in one generation, made new for each. Before its first generation it has one of rank 0.</summary>
/// <param name="start">The applied step that the generation starts from.</param>
internal sealed class Seat(int rank, long start)
{
    private const int MinTimes = 9, MaxTimes = 15;

    private readonly Queue<double> times = []; // seconds of its last steps with the same share
    private long timedFrom = start + 1; // step

    public int Rank { get; } = rank;

    /// <summary>The last step that it was assigned.</summary>
    public long Assigned { get; set; } = start;

    /// <summary>How many commands of the generation were sent to it.</summary>
    public int Commanded { get; set; }

    /// <summary>The number of its last record that was accepted.</summary>
    public long Recorded { get; set; }

    /// <summary>The last one that is durable.</summary>
    public long Persisted { get; set; }

    /// <summary>The last one that it was notified of as durable.</summary>
    public long Acknowledged { get; set; }

    /// <summary>It was notified that the generation is over.</summary>
    public bool IsEndAnnounced { get; set; }

    /// <summary>Null: it has not reported yet.</summary>
    public SeatOutcome? Outcome { get; set; }

    public Ended? Ended => (Outcome as SeatOutcome.Left)?.Ended;

    public Failure? Failure => (Outcome as SeatOutcome.Failed)?.Failure;

    /// <summary>Duration of a step with its share, without waiting for others; null: too few steps were seen.</summary>
    public BusyTimes? Busy => times.Count < MinTimes ? null : BusyTimes.Of(times);

    /// <summary>As it was reported last.</summary>
    public Progress Progress { get; set; } = new();

    /// <summary>A step was applied.</summary>
    /// <param name="seconds">It took without waiting for others; 0: not known.</param>
    public void Time(long step, double seconds)
    {
        if (step < timedFrom || seconds <= 0)
            return;
        times.Enqueue(seconds);
        if (times.Count > MaxTimes)
            times.Dequeue();
    }

    /// <summary>Its share changes with a step: times of earlier ones do not count.</summary>
    public void TimeFrom(long step)
    {
        times.Clear();
        timedFrom = step;
    }

    /// <summary>The replica reconnected: it reports what it holds.</summary>
    public void OnHello(Hello hello)
    {
        (Assigned, Commanded) = (hello.AssignedStep, hello.Commands.Count);
        (IsEndAnnounced, Acknowledged) = (false, 0);
    }
}
