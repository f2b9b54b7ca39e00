using System.Globalization;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Tensors.Trainings;

namespace ClipDistributed.Training.Tests.Steps;

/// <summary>Whole steps over the stand-in for NCCL, by replicas in processes of their own.</summary>
/// <param name="undisturbed">What two of them print where nothing fails.</param>
public sealed class StandInTrainingTests(StandInTrainingTests.Undisturbed undisturbed) : IClassFixture<StandInTrainingTests.Undisturbed>
{
    [Fact]
    public void Run_TwoReplicas_FollowTheTrajectoryOfOneAndLaunchInOneOrder()
    {
        Assert.Equal(undisturbed.Printed[0], undisturbed.Printed[1]);
        var one = new InvarianceCase(2, Contracts.Spec.V1.Loss.Softmax, OptimizerName.Adamw, UnevenShares: true).Training().Run(1);
        for (int i = 0; i < undisturbed.Printed[0].Length - 1; i++)
        {
            double loss = double.Parse(undisturbed.Printed[0][i].Split(' ')[2], CultureInfo.InvariantCulture);
            Assert.InRange(Math.Abs(loss / one.Results[i].Loss - 1), 0, 1e-5);
        }
        Assert.Equal(undisturbed.Launches[0], undisturbed.Launches[1]);
        // Steps × buckets.
        Assert.Equal(6 * 9, undisturbed.Launches[0].Count(launch => launch.StartsWith("all-reduce", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_AbortedInTheMiddleOfBackward_GoesOnFromMemoryToTheSameWeights()
    {
        string[] expected = undisturbed.Printed[0];
        using var members = new Members();
        using var aborted = members.Start(rank: 0, "abort", "3");
        using var other = members.Start(rank: 1);
        Assert.Equal(expected[0], await aborted.LineAsync());
        Assert.Equal(expected[1], await aborted.LineAsync());
        Assert.Equal("lost after 2: all-reduce failed in generation 1: the group was aborted", await aborted.LineAsync());
        other.Send("abort"); // NCCL does not report that a peer left
        string[] rest = await aborted.EndAsync(), all = await other.EndAsync();
        Assert.Equal(expected[2..], rest);
        Assert.StartsWith("lost after 2: ", all[2], StringComparison.Ordinal);
        Assert.Equal(expected[2..], all[3..]);
    }

    [Fact]
    public async Task Run_AbortThatHangs_EndsTheProcess()
    {
        using var members = new Members();
        using var hanging = members.Start(rank: 0, "hang", "2");
        using var other = members.Start(rank: 1);
        Assert.Single(await hanging.EndAsync(exitCode: 1));
    }

    /// <summary>Two replicas that train undisturbed, once for all tests.</summary>
    public sealed class Undisturbed : IAsyncLifetime
    {
        /// <summary>The lines of each.</summary>
        public string[][] Printed { get; private set; } = [];

        /// <summary>The operations of each, in the order of their launches.</summary>
        public string[][] Launches { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            using var members = new Members();
            using var one = members.Start(rank: 0);
            using var other = members.Start(rank: 1);
            Printed = [await one.EndAsync(), await other.EndAsync()];
            Launches = [members.Launches(0), members.Launches(1)];
        }

        public ValueTask DisposeAsync() => default;
    }

    /// <summary>Members of one group of two.</summary>
    private sealed class Members : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("nccl-").FullName;

        public MemberProcess Start(int rank, params string[] fault) => new(["train", $"{rank}", "2", folder, .. fault]);

        /// <summary>Without thread and device.</summary>
        public string[] Launches(int rank) =>
            [
                .. File.ReadLines(Path.Combine(folder, $"log-{rank}"))
                    .Select(line => line.Split(' ', 3)[2])
                    .Where(call => call.Split(' ')[0] is "all-reduce" or "broadcast"),
            ];

        public void Dispose() => Directory.Delete(folder, recursive: true);
    }
}
