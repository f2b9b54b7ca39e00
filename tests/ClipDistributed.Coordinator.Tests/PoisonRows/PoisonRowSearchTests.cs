using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;
using Generation = ClipDistributed.Coordinator.Generations.Generation;

namespace ClipDistributed.Coordinator.Tests.PoisonRows;

public class PoisonRowSearchTests
{
    private static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);

    private readonly PoisonRowSearch search = new("demo-1", Order, []);

    [Fact]
    public void OnGenerationOver_SecondCrashNearAStep_Searches()
    {
        Crash();
        Assert.False(search.IsActive);
        Crash();
        Assert.Equal((true, 10L, "demo-1-t1", null), (search.IsActive, search.Step, search.NextId, search.Finding));
    }

    [Fact]
    public void OnGenerationOver_RunIsToStop_DoesNotSearch()
    {
        Crash();
        search.OnGenerationOver(Crashed(), lastStep: 20, maySearch: false);
        Assert.False(search.IsActive);
    }

    [Fact]
    public void NextHost_OneCouldNotStartIt_IsTheNextUntilATrialHasRun()
    {
        Begin();
        Assert.Equal("a", search.NextHost(["a", "b"]));
        search.OnTrialStarted(new RowTrial(search.NextId, "a", TimeSpan.Zero));
        search.OnTrialNotStarted();
        Assert.Equal(("b", "demo-1-t1"), (search.NextHost(["a", "b"]), search.NextId));
        search.OnTrialStarted(new RowTrial(search.NextId, "b", TimeSpan.Zero));
        search.OnTrialExited(new ProcessExit(139, "", RowsBegun: 3));
        Assert.Equal(("a", "demo-1-t2", null), (search.NextHost(["a", "b"]), search.NextId, search.Trial));
        Assert.Null(search.NextHost([]));
    }

    [Fact]
    public void Conclude_RowsFound_AreLeftOutFromThenOn()
    {
        Begin();
        var poison = search.Untried[2];
        Try(new ProcessExit(139, "", RowsBegun: 3));
        Try(new ProcessExit(0, "", RowsBegun: 5));
        Assert.Equal([poison], search.Finding!.Value.Found);
        search.Conclude([poison], "row 3 of shard 0", nextStep: 10);
        Assert.Equal((false, null), (search.IsActive, search.Failure));
        Assert.Equal([poison], search.Rows);
    }

    [Fact]
    public void Conclude_NothingFoundThreeTimes_TheRunCannotGoOn()
    {
        for (int times = 1; times <= 3; times++)
        {
            Assert.Null(search.Failure);
            Begin();
            Try(new ProcessExit(2, ""));
            Assert.Equal("the process that decodes them exited with code 2", search.Finding!.Value.Failure);
            search.Conclude([], "its rows could not be tried", nextStep: 10);
        }
        Assert.StartsWith(
            "replicas crash near step 10 repeatedly, and its rows could not be tried; ",
            search.Failure,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Conclude_TooManyRows_TheRunCannotGoOn()
    {
        Begin();
        search.Conclude([.. Enumerable.Range(0, 11).Select(row => new SampleId(0, (ulong)row))], "many rows", nextStep: 10);
        Assert.StartsWith("more than 10 rows crash the decoder, the last: many rows; ", search.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Abandon_TheNextSearchHasATrialOfItsOwn()
    {
        Begin();
        search.OnTrialStarted(new RowTrial(search.NextId, "a", TimeSpan.Zero));
        search.Abandon();
        Assert.Equal((false, null, "demo-1-t2"), (search.IsActive, search.Trial, search.NextId));
    }

    private void Begin()
    {
        Crash();
        Crash();
        Assert.True(search.IsActive);
    }

    private void Try(ProcessExit exit)
    {
        search.OnTrialStarted(new RowTrial(search.NextId, "a", TimeSpan.Zero));
        search.OnTrialExited(exit);
    }

    private void Crash() => search.OnGenerationOver(Crashed(), lastStep: 20, maySearch: true);

    private static Generation Crashed()
    {
        var member = new Replica("demo-1-r1", new DeviceId("a", DeviceKind.Cpu, 0), restores: true, TimeSpan.Zero);
        member.OnHello(new ReplicaLink(1), new Hello { AppliedStep = 9 }, TimeSpan.Zero);
        member.Begin(0, 9, TimeSpan.Zero);
        member.OnExit(new ProcessExit(139, ""));
        member.OnLinkLost(TimeSpan.Zero);
        return new Generation(1, [member], 9, new AssignmentPlan(Order, 1, Shares.Even(8, 1), 20, 64), TimeSpan.Zero);
    }
}
