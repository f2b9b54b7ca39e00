using System.Globalization;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Tensors.Trainings;

namespace ClipDistributed.Training.Tests.Steps;

/// <summary>Whole steps over the stand-in for NCCL, by replicas in processes of their own.</summary>
public sealed class StandInTrainingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("nccl-").FullName;

    [Fact]
    public async Task Run_TwoReplicas_FollowTheTrajectoryOfOneAndLaunchInOneOrder()
    {
        string[][] ends = await TrainAsync();
        Assert.Equal(ends[0], ends[1]);
        var one = new InvarianceCase(2, Contracts.Spec.V1.Loss.Softmax, OptimizerName.Adamw, UnevenShares: true).Trial().Run(1);
        for (int i = 0; i < ends[0].Length - 1; i++)
        {
            double loss = double.Parse(ends[0][i].Split(' ')[2], CultureInfo.InvariantCulture);
            Assert.InRange(Math.Abs(loss / one.Results[i].Loss - 1), 0, 1e-5);
        }
        var launches = Launches(0);
        Assert.Equal(launches, Launches(1));
        Assert.Equal(6 * 9, launches.Count(launch => launch.StartsWith("all-reduce", StringComparison.Ordinal))); // steps × buckets
    }

    [Fact]
    public async Task Run_AbortedInTheMiddleOfBackward_GoesOnFromMemoryToTheSameWeights()
    {
        string[] undisturbed = (await TrainAsync())[0];
        using var aborted = Member(rank: 0, "abort", "3");
        using var other = Member(rank: 1);
        Assert.Equal(undisturbed[0], await aborted.LineAsync());
        Assert.Equal(undisturbed[1], await aborted.LineAsync());
        Assert.Equal("lost after 2: all-reduce failed in generation 1: the group was aborted", await aborted.LineAsync());
        other.Send("abort"); // NCCL does not report that a peer left
        string[] rest = await aborted.EndAsync(), all = await other.EndAsync();
        Assert.Equal(undisturbed[2..], rest);
        Assert.StartsWith("lost after 2: ", all[2], StringComparison.Ordinal);
        Assert.Equal(undisturbed[2..], all[3..]);
    }

    [Fact]
    public async Task Run_AbortThatHangs_EndsTheProcess()
    {
        using var hanging = Member(rank: 0, "hang", "2");
        using var other = Member(rank: 1);
        Assert.Single(await hanging.EndAsync(exitCode: 1));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<string[][]> TrainAsync()
    {
        using var one = Member(rank: 0);
        using var other = Member(rank: 1);
        string[][] ends = [await one.EndAsync(), await other.EndAsync()];
        Directory.Delete(Path.Combine(folder, "1"), recursive: true);
        return ends;
    }

    private MemberProcess Member(int rank, params string[] fault) => new(["train", $"{rank}", "2", folder, .. fault]);

    /// <summary>Operations as the member launched them, without thread and device.</summary>
    private List<string> Launches(int rank) =>
        [
            .. File.ReadLines(Path.Combine(folder, $"log-{rank}"))
                .Select(line => line.Split(' ', 3)[2])
                .Where(call => call.Split(' ')[0] is "all-reduce" or "broadcast"),
        ];
}
