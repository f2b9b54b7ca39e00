using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;
using CsCheck;
using Generation = ClipDistributed.Coordinator.Generations.Generation;

namespace ClipDistributed.Coordinator.Tests.Generations;

public class PartitionDetectorTests
{
    private static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);

    [Fact]
    public void Find_OneHostReachesNoOther_ItsReplicasAreLeftOut()
    {
        var generation = Of(4);
        Report(generation, (0, [2, 3]), (1, [2, 3]), (2, [0, 1]), (3, [0, 1]));
        Assert.Equal(
            [
                "r3 and 2 of 3 others do not reach each other over the network of the collectives (10.0.0.3:4000)",
                "r2 and 2 of 2 others do not reach each other over the network of the collectives (10.0.0.2:4000)",
            ],
            PartitionDetector.Find(generation).Select(lost => $"{lost.Member.ReplicaId} {lost.Evidence}")
        );
    }

    [Fact]
    public void Find_TheSourceIsReachedByTheFewest_IsLeftOut()
    {
        var generation = Of(4);
        Report(generation, (0, [1, 2, 3]), (1, [0]), (2, [0]), (3, [0]));
        Assert.Equal("r0", Assert.Single(PartitionDetector.Find(generation)).Member.ReplicaId);
    }

    [Fact]
    public void Find_OnlyOneDirectionFails_CountsForBoth()
    {
        var generation = Of(3);
        Report(generation, (0, []), (1, [2]), (2, []));
        Assert.Equal("r2", Assert.Single(PartitionDetector.Find(generation)).Member.ReplicaId);
    }

    [Fact]
    public void Find_NotAllHaveReported_WaitsForThem()
    {
        var generation = Of(3);
        Report(generation, (0, [2]), (1, [2]));
        Assert.Empty(PartitionDetector.Find(generation));
        generation.Members[2].Lose("was ended", LossCause.Exited);
        Assert.Empty(PartitionDetector.Find(generation)); // who is lost is not waited for, nor left out
    }

    [Fact]
    public void Find_WhateverIsCut_TheRestIsWholeAndTheLonelyGoFirst() =>
        Gen.Int[2, 6]
            .SelectMany(world => Gen.Select(Gen.Const(world), Gen.Bool.Array[world * world]))
            .Sample(
                (world, cut) =>
                {
                    var generation = Of(world);
                    Report(
                        generation,
                        [
                            .. Enumerable
                                .Range(0, world)
                                .Select(rank =>
                                    (rank, Enumerable.Range(0, world).Where(peer => peer != rank && cut[rank * world + peer]).ToArray())
                                ),
                        ]
                    );
                    var left = PartitionDetector.Find(generation).Select(lost => lost.Member).ToList();
                    var rest = generation.Members.Except(left).ToList();
                    Assert.NotEmpty(rest);
                    Assert.All(
                        rest,
                        one => Assert.All(rest, other => Assert.True(one == other || !cut[one.Seat.Rank * world + other.Seat.Rank]))
                    );
                    // No member was left out in vain: the last one did not reach all that stay.
                    if (left.Count > 0)
                        Assert.Contains(
                            rest,
                            other => cut[left[^1].Seat.Rank * world + other.Seat.Rank] || cut[other.Seat.Rank * world + left[^1].Seat.Rank]
                        );
                }
            );

    private static void Report(Generation generation, params (int Rank, int[] Unreached)[] reports)
    {
        foreach (var (rank, unreached) in reports)
            generation.Members[rank].OnFailure(new Failure { Kind = FailureKind.Collective, UnreachedRanks = { unreached } });
    }

    private static Generation Of(int world)
    {
        var members = Enumerable.Range(0, world).Select(rank =>
        {
            var member = new Replica($"r{rank}", new DeviceId("a", DeviceKind.Cpu, rank), restores: rank == 0, TimeSpan.Zero);
            member.OnHello(new ReplicaLink(1), new Hello { DataAddress = $"10.0.0.{rank}:4000" }, TimeSpan.Zero);
            member.Begin(rank, 0, TimeSpan.Zero);
            return member;
        }).ToList();
        return new Generation(1, members, 0, new AssignmentPlan(Order, 1, Shares.Even(8, world), 20, 64), TimeSpan.Zero);
    }
}
