using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.Consistency;
using ClipDistributed.Training.States;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Consistency;

/// <summary>Replicas in whose memory something changed: found, named and resynchronised or excluded.</summary>
public sealed class StateComparisonTests
{
    private const long Step = 50;

    [Fact]
    public void Run_SameStates_IsSilent() =>
        Assert.All(ThreadReplicas.Run(3, group => With(state => new StateComparison(group, state).Run())), Assert.Empty);

    [Theory]
    [InlineData(false, 0, 30)] // an exponent bit of a weight
    [InlineData(false, 2, 31)] // a sign
    [InlineData(true, 1, 30)] // of the optimizer's memory
    public void Run_FlippedBit_NamesItsReplica(bool moment, int victim, int bit)
    {
        var found = ThreadReplicas.Run(3, group => With(state =>
        {
            if (group.Rank == victim)
                Flip(moment ? state.Optimizer.State[0].Value : state.Model.Parameters.Flat, element: 40, bit);
            var faulty = Assert.Throws<FaultyReplicaException>(() => new StateComparison(group, state).Run());
            return (faulty.IsOwn, faulty.Evidence, state.AppliedStep);
        }));

        Assert.All(
            found,
            result =>
                Assert.StartsWith(
                    $"after step 50 the state of rank {victim} differs from that of rank {(victim == 0 ? 1 : 0)} by ",
                    result.Evidence,
                    StringComparison.Ordinal
                )
        );
        Assert.Equal([victim], Enumerable.Range(0, 3).Where(rank => found[rank].IsOwn));
        Assert.All(found, result => Assert.Equal(Step, result.AppliedStep)); // those that stay go on from it
    }

    [Fact]
    public void Run_RoundingOnly_AllTakeOverTheMajoritysState()
    {
        var notices = ThreadReplicas.Run(3, group => With(state =>
        {
            ulong before = state.Digest();
            if (group.Rank == 0)
                Flip(state.Model.Parameters.Flat, element: 40, bit: 0);
            string notice = new StateComparison(group, state).Run();
            Assert.Equal((before, Step), (state.Digest(), state.AppliedStep));
            return notice;
        }));

        Assert.All(
            notices,
            result =>
                Assert.Matches(
                    "^After step 50 the state of rank 0 differs from that of rank 1 by .*e-.* "
                        + "\\(relative\\); all took over that of rank 1\\.$",
                    result
                )
        );
    }

    [Fact]
    public void Run_NoMajority_NoReplicaHoldsAState()
    {
        var results = ThreadReplicas.Run(2, group => With(state =>
        {
            if (group.Rank == 1)
                Flip(state.Model.Parameters.Flat, element: 40, bit: 30);
            return (Assert.Throws<StateLostException>(() => new StateComparison(group, state).Run()).Message, state.AppliedStep);
        }));

        Assert.All(results, replica => Assert.Equal(-1, replica.AppliedStep));
        Assert.All(
            results,
            replica => Assert.EndsWith("no majority shows which is right; the newest checkpoint is read", replica.Message)
        );
    }

    /// <summary>Equal parts after it, such as the optimizer's moments, do not hide it.</summary>
    [Fact]
    public void Run_NaNInTheReference_IsNotTakenOver()
    {
        var results = ThreadReplicas.Run(2, group => With(state =>
        {
            if (group.Rank == 0)
                state.Model.Parameters.Flat.detach()[40].fill_(float.NaN);
            return Assert.Throws<StateLostException>(() => new StateComparison(group, state).Run()).Message;
        }));

        Assert.All(results, message => Assert.Contains("no majority shows which is right", message));
    }

    [Fact]
    public void Digest_AnyBit_TurnsIt() => With(state =>
    {
        var seen = new HashSet<ulong> { state.Digest() };
        foreach (var part in state.Parts)
        {
            for (int bit = 0; bit < 32; bit++)
            {
                Flip(part, element: 3 + bit, bit);
                Assert.True(seen.Add(state.Digest()));
                Flip(part, element: 3 + bit, bit);
            }
        }
        Assert.Contains(state.Digest(), seen); // all is as it was
        return 0;
    });

    /// <summary>A state of a ResNet after a few steps would be of the same form; numbers are the same in every replica.</summary>
    private static T With<T>(Func<TrainState, T> run)
    {
        using var model = SampleModel.Create(SampleModel.ResNetConfig());
        using var state = new TrainState(Specs.Optimizer(OptimizerName.Adamw), model) { AppliedStep = Step };
        using (no_grad())
        using (var generator = new Generator(5, CPU))
        {
            foreach (var (_, moment) in state.Optimizer.State)
                moment.copy_(rand(moment.shape, generator: generator));
        }
        return run(state);
    }

    private static void Flip(Tensor part, int element, int bit)
    {
        var values = MemoryMarshal.Cast<byte, uint>(part.detach().bytes);
        values[element] ^= 1u << bit;
    }
}
