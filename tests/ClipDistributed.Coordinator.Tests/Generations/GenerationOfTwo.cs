using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;
using Generation = ClipDistributed.Coordinator.Generations.Generation;

namespace ClipDistributed.Coordinator.Tests.Generations;

/// <summary>A generation of two replicas at an hour of its own, and what the failure detector finds in it.</summary>
public abstract class GenerationOfTwo
{
    private protected static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);
    private protected static readonly TimeSpan Lease = TimeSpan.FromSeconds(3), Least = TimeSpan.FromSeconds(10);

    private protected readonly Replica a = Linked("r1", 0), b = Linked("r2", 1);
    private protected readonly Generation generation;

    protected GenerationOfTwo() =>
        generation = new Generation(1, [a, b], 0, new AssignmentPlan(Order, 1, Shares.Even(8, 2), 1000, 64), TimeSpan.Zero);

    private protected double Train(int steps, double stepSeconds)
    {
        for (int step = 1; step <= steps; step++)
        {
            foreach (var member in generation.Members)
                member.OnProgress(At(step, StepPhase.Optimizer, step), Seconds(step * stepSeconds));
            generation.Advance(Seconds(step * stepSeconds));
        }
        return steps * stepSeconds;
    }

    private protected List<(Replica Member, string Evidence)> Find(double now, bool receivesFromOthers = false) =>
        [.. FailureDetector.Find(generation, Seconds(now), Lease, Least, () => receivesFromOthers)];

    private protected static Progress At(long step, StepPhase phase, long applied) =>
        new() { Step = step, Phase = phase, AppliedStep = applied };

    private protected static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private protected static Replica Linked(string id, int rank)
    {
        var member = new Replica(id, new DeviceId("a", DeviceKind.Cpu, rank), restores: rank == 0, TimeSpan.Zero);
        member.OnHello(new ReplicaLink(1), new Hello { AppliedStep = 0 }, TimeSpan.Zero);
        member.Begin(rank, 0, TimeSpan.Zero);
        return member;
    }
}
