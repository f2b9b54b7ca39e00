using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Tests.PoisonRows;

public class RowSearchTests
{
    private static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);
    private static readonly ProcessExit Done = new(0, "", 8);

    [Fact]
    public void Note_OneRowCrashes_GoesOnBehindItAndNamesIt()
    {
        var search = Search();
        var rows = search.Rows;
        Assert.Equal(Order.Rows(4, new SlotRange(0, 8)), rows);

        Assert.True(search.OnExit(Crash(3)));
        Assert.Equal(rows.Skip(3), search.Rows);
        Assert.False(search.OnExit(Done));
        Assert.Equal([rows[2]], search.Found);
        Assert.Equal((4, ""), (search.Step, search.Failure));
    }

    [Fact]
    public void Note_TheLastRowCrashes_IsTheEnd()
    {
        var search = Search();
        var last = search.Rows[7];
        Assert.False(search.OnExit(Crash(8)));
        Assert.Equal([last], search.Found);
    }

    [Fact]
    public void Note_NoRowCrashes_TriesTheStepsThatWereReadAhead()
    {
        var search = Search();
        Assert.True(search.OnExit(Done));
        Assert.Equal(5, search.Step);
        Assert.Equal(Order.Rows(5, new SlotRange(0, 8)), search.Rows);
        Assert.True(search.OnExit(Done));
        Assert.False(search.OnExit(Done));
        Assert.Equal((6, ""), (search.Step, search.Failure));
        Assert.Empty(search.Found);
    }

    [Theory]
    [InlineData(139, 0, "was ended by signal 11 (SIGSEGV)")] // before it began a row
    [InlineData(137, 3, "was ended by signal 9 (SIGKILL)")]
    [InlineData(2, 3, "exited with code 2")]
    [InlineData(null, 3, "no longer runs")]
    public void OnExit_AnotherReason_IsNoEvidenceAboutTheRows(int? code, int begun, string how)
    {
        var search = Search();
        Assert.False(search.OnExit(new ProcessExit(code, "no shard\n", begun)));
        Assert.Equal($"the process that decodes them {how}: no shard", search.Failure);
        Assert.Empty(search.Found);
    }

    [Fact]
    public void Rows_KnownToCrash_AreNotTriedAgain()
    {
        var rows = Order.Rows(4, new SlotRange(0, 8));
        Assert.Equal(rows.Skip(1), new RowSearch(Order, 4, 6, new HashSet<SampleId> { rows[0] }).Rows);
    }

    private static RowSearch Search() => new(Order, 4, 6, new HashSet<SampleId>());

    private static ProcessExit Crash(int begun) => new(139, "", begun);
}
