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
            var plan = new AssignmentPlan(Order, unit: 1, generation: 3, world, start, steps, horizon);
            long assigned = start;
            for (long slowest = start; slowest <= steps; slowest++)
            {
                foreach (var piece in plan.Due(slowest))
                {
                    Assert.Equal(world, piece.Count);
                    Assert.All(piece, one => Assert.Equal((3, assigned + 1, piece[0].LastStep), (one.Generation, one.FirstStep, one.LastStep)));
                    Assert.InRange(piece[0].LastStep, assigned + 1, Math.Min(slowest + horizon, steps));
                    assigned = piece[0].LastStep;
                }
                Assert.True(assigned > slowest || assigned == steps, $"nothing to do behind step {slowest}");
            }
            Assert.Equal(steps, assigned);
        });

    [Fact]
    public void Due_NothingLeft_IsEmpty() => Assert.Empty(new AssignmentPlan(Order, unit: 1, generation: 1, 2, startStep: 9, steps: 9, horizon: 64).Due(9));
}
