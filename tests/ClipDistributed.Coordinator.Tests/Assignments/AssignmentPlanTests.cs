using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Data.Streams;
using CsCheck;

namespace ClipDistributed.Coordinator.Tests.Assignments;

public class AssignmentPlanTests
{
    private static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);

    [Fact]
    public void Due_ReplicasAdvance_DealsOutEveryStepOnceWithinTheHorizon() =>
        Gen.Select(Gen.Int[1, 5], Gen.Long[0, 50], Gen.Long[0, 200], Gen.Int[1, 100]).Sample((world, start, length, horizon) =>
        {
            long steps = start + length;
            var plan = new AssignmentPlan(Order, generation: 3, Shares.Even(8, world), steps, horizon);
            long assigned = start;
            for (long slowest = start; slowest <= steps; slowest++)
            {
                var dealt = Enumerable.Range(0, world).Select(rank => plan.Due(rank, assigned, slowest).ToList()).ToList();
                Assert.All(
                    dealt,
                    pieces =>
                        Assert.Equal(
                            dealt[0].Select(piece => (piece.FirstStep, piece.LastStep)),
                            pieces.Select(piece => (piece.FirstStep, piece.LastStep))
                        )
                );
                foreach (var piece in dealt[0])
                {
                    Assert.Equal((3, assigned + 1), (piece.Generation, piece.FirstStep));
                    Assert.InRange(piece.LastStep, assigned + 1, Math.Min(slowest + horizon, steps));
                    assigned = piece.LastStep;
                }
                Assert.True(assigned > slowest || assigned == steps, $"nothing to do behind step {slowest}");
            }
            Assert.Equal(steps, assigned);
        });

    [Fact]
    public void Change_FromAStepOn_EveryStepHasOneCut() =>
        Gen.Select(Gen.Long[2, 150], Gen.Int[1, 100]).Sample((first, horizon) =>
        {
            var plan = new AssignmentPlan(Order, generation: 3, new Shares([4, 4]), steps: 200, horizon);
            plan.Change(first, new Shares([6, 2]));
            long assigned = 0;
            for (long slowest = 0; slowest <= 200; slowest++)
            {
                foreach (var piece in plan.Due(rank: 1, assigned, slowest))
                {
                    Assert.Equal(assigned + 1, piece.FirstStep);
                    Assert.Equal(piece.FirstStep < first, piece.LastStep < first);
                    Assert.Equal(piece.FirstStep < first ? [4u, 4u] : [6u, 2u], piece.Shares);
                    assigned = piece.LastStep;
                }
            }
            Assert.Equal(200, assigned);
        });

    [Fact]
    public void Due_NothingLeft_IsEmpty() =>
        Assert.Empty(
            new AssignmentPlan(Order, generation: 1, Shares.Even(8, 2), steps: 9, horizon: 64).Due(rank: 0, assigned: 9, slowest: 9)
        );
}
