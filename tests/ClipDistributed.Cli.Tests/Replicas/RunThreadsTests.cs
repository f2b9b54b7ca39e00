using ClipDistributed.Cli.Replicas;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Tests.Replicas;

public sealed class RunThreadsTests
{
    [Fact]
    public void Choose_RunHasBegun_KeepsItsNumber() => Assert.Equal(1, RunThreads.Choose(asked: null, replicas: 1, stored: 1));

    [Fact]
    public void Choose_UserAsks_GivesThat() => Assert.Equal(7, RunThreads.Choose(asked: 7, replicas: 1, stored: 1));

    [Fact]
    public void Choose_FreshRun_SharesTheProcessors()
    {
        Assert.Equal(Environment.ProcessorCount, RunThreads.Choose(asked: null, replicas: 1, stored: 0));
        Assert.Equal(1, RunThreads.Choose(asked: null, replicas: 1000, stored: 0));
    }

    [Fact]
    public void Choose_MoreReplicasThanBefore_LeavesEachItsShare() =>
        Assert.Equal(1, RunThreads.Choose(asked: null, Environment.ProcessorCount, stored: Environment.ProcessorCount));

    [Fact]
    public void Stored_RunInTheDirectory_IsWhatItUsed()
    {
        var directory = new RunDirectory(Directory.CreateTempSubdirectory("threads-").FullName);
        Assert.Equal(0, RunThreads.Stored(directory));
        new RunInfo { Name = "run", Threads = 3 }.Save(directory.Info);

        Assert.Equal(3, RunThreads.Stored(directory));
        Directory.Delete(directory.Root, recursive: true);
    }
}
