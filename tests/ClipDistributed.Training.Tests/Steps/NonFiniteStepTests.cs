using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.Consistency;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Steps;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Steps;

/// <summary>Steps of three replicas with a non-finite number: a broken replica, a bad sample and an accident are distinguished.</summary>
public sealed class NonFiniteStepTests
{
    private const int World = 3, Rows = 14, Victim = 1;
    private static readonly Shares Cut = new([5, 4, 5]);

    [Fact]
    public void Run_ReplicaBrokenTwice_IsNamedByAllAndNothingIsApplied()
    {
        string[] results = ThreadReplicas.Run(World, group =>
        {
            using var replica = new Replica(group);
            if (group.Rank == Victim)
                replica.Poison();
            float[] before = replica.Weights();
            var faulty = Assert.Throws<FaultyReplicaException>(() => replica.Run());
            Assert.Equal((group.Rank == Victim, 0L), (faulty.IsOwn, replica.AppliedStep));
            Assert.Equal(before, replica.Weights());
            return faulty.Evidence;
        });

        Assert.All(
            results,
            evidence =>
                Assert.Equal("in step 1 the embeddings of rank 1 are non-finite, and again for the rows of another replica", evidence)
        );
    }

    [Fact]
    public void Run_Accident_RepetitionCountsAndIsThatOfAnUndisturbedStep()
    {
        float[] undisturbed = ThreadReplicas.Run(World, group => new Replica(group).RunAndRead().Weights)[0];

        var results = ThreadReplicas.Run(World, group =>
        {
            using var replica = new Replica(group);
            float healthy = group.Rank == Victim ? replica.Poison() : 0;
            return replica.RunAndRead(repeating: group.Rank == Victim ? () => replica.Set(healthy) : null);
        });

        Assert.All(
            results,
            replica =>
                Assert.Equal(
                    (true, "Step 1: the embeddings of rank 1 are non-finite; repeated with the shares rotated, it was finite."),
                    (replica.Result.Applied, replica.Result.Remark)
                )
        );
        Assert.All(results, replica => Assert.Equal(results[0].Weights, replica.Weights));
        Assert.InRange(undisturbed.Zip(results[0].Weights, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-6);
        Assert.Equal(
            StepDigest.OfPlan(0, [.. Enumerable.Range(0, Rows).Select(row => new SampleId(0, (ulong)row))]),
            results[0].Result.Digest.Plan
        );
    }

    [Fact]
    public void Run_SharesOfOneDiffer_NoReplicaComputesTheStep()
    {
        string[] results = ThreadReplicas.Run(World, group =>
        {
            using var replica = new Replica(group, group.Rank == Victim ? new Shares([4, 5, 5]) : Cut);
            var refused = Assert.Throws<CollectiveException>(() => replica.Run());
            Assert.Equal(0, replica.AppliedStep);
            return refused.Message;
        });

        Assert.All(
            results,
            message =>
                Assert.Equal(
                    "dividing the batch failed in step 1: a change of shares did not reach all replicas: "
                        + "ranks 0, 2 and rank 1 use different ones",
                    message
                )
        );
    }

    [Fact]
    public void Run_StrayGradient_IsFoundBeforeItIsAddedUp()
    {
        var results = ThreadReplicas.Run(World, group =>
        {
            var meddled = new Meddling(group);
            using var replica = new Replica(meddled);
            if (group.Rank == Victim)
                meddled.InTheNextGather = () => replica.Gradients.Flat.narrow(0, 100, 1).fill_(float.NaN);
            return replica.RunAndRead();
        });

        Assert.All(
            results,
            replica =>
                Assert.Equal(
                    (true, "Step 1: the gradients of rank 1 are non-finite; repeated with the shares rotated, it was finite."),
                    (replica.Result.Applied, replica.Result.Remark)
                )
        );
    }

    [Fact]
    public void Run_BadSample_IsSkippedByAll()
    {
        var results = ThreadReplicas.Run(World, group =>
        {
            using var replica = new Replica(group);
            replica.SpoilWord(Replica.RareWord); // in the text of one row only, which is rank 1's, then rank 0's
            float[] before = replica.Weights();
            var (result, weights) = replica.RunAndRead();
            Assert.Equal(1, replica.AppliedStep);
            Assert.Equal(before, weights);
            return result;
        });

        Assert.All(results, result => Assert.False(result.Applied));
        Assert.Equal(
            "Step 1: the embeddings of rank 1 are non-finite; repeated with the shares rotated, the embeddings of rank 0 are "
                + "non-finite. The weights stay as they are.",
            results[0].Remark
        );
    }

    /// <summary>A model, its state and its step, in one member of a group.</summary>
    private sealed class Replica : IDisposable
    {
        public const int RareWord = 3;
        private readonly ClipModel model = SampleModel.Create(SampleModel.Config());
        private readonly ICollective group;
        private readonly Shares cut;
        private readonly TrainState state;
        private readonly TrainStep step;
        private readonly Batch batch;

        /// <param name="cut">By which it divides the batch; null: as all do.</param>
        public Replica(ICollective group, Shares? cut = null)
        {
            (this.group, this.cut) = (group, cut ?? Cut);
            var spec = new TrainingSpec { Optimizer = Specs.Optimizer(OptimizerName.Sgd) };
            state = new TrainState(spec.Optimizer, model) { AppliedStep = 0 };
            step = new TrainStep(new StepRecipe(spec, 10, MicroBatch: 5, new PreprocessConfig()), state, group, new StepProgress());
            batch = SampleBatch.Create(model.Config, Rows, step: 1);
            for (int i = 0; i < batch.Tokens.Length; i++)
                batch.Tokens[i] = batch.Tokens[i] == RareWord ? RareWord + 1 : batch.Tokens[i];
            batch.Tokens[(Cut.Of(Victim).Start + 1) * batch.Context] = RareWord;
        }

        public long AppliedStep => state.AppliedStep;

        public ClipDistributed.Training.Gradients.GradientBuffer Gradients => state.Gradients;

        public StepResult Run(Action? repeating = null) => RepeatableTraining.RunStep(step, group, batch, cut, repeating);

        public (StepResult Result, float[] Weights) RunAndRead(Action? repeating = null) => (Run(repeating), Weights());

        public float[] Weights() => model.Parameters.Flat.detach().data<float>().ToArray();

        /// <returns>The healthy value.</returns>
        public float Poison()
        {
            float healthy = model.Parameters["visual.proj"].detach().flatten()[0].item<float>();
            Set(float.NaN);
            return healthy;
        }

        public void Set(float value)
        {
            using var scope = NewDisposeScope();
            using var mode = no_grad();
            model.Parameters["visual.proj"].view(-1)[0] = value;
        }

        public void SpoilWord(int id)
        {
            using var scope = NewDisposeScope();
            using var mode = no_grad();
            model.Parameters["token_embedding.weight"][id].fill_(float.PositiveInfinity);
        }

        public void Dispose()
        {
            step.Dispose();
            state.Dispose();
            model.Dispose();
        }
    }

    /// <summary>A group in which something happens to one member's memory during a gather.</summary>
    private sealed class Meddling(ICollective group) : ICollective
    {
        /// <summary>Happens once.</summary>
        public Action? InTheNextGather { get; set; }

        public int Rank => group.Rank;

        public int World => group.World;

        public void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type)
        {
            using var mode = no_grad();
            InTheNextGather?.Invoke();
            InTheNextGather = null;
            group.AllGather(own, all, counts, type);
        }

        public ICollectiveWork StartAllReduce(nint data, long count, ElementType type) => group.StartAllReduce(data, count, type);

        public void Broadcast(nint data, long count, ElementType type, int root) => group.Broadcast(data, count, type, root);

        public void Abort() => group.Abort();

        public void Dispose() => group.Dispose();
    }
}
