using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Tests.Generations;

public class RowTrialTests
{
    private static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);
    private static readonly ProcessExit Done = new(0, "", 8);

    [Fact]
    public void Note_OneRowCrashes_GoesOnBehindItAndNamesIt()
    {
        var trial = Trial();
        var rows = trial.Rows;
        Assert.Equal(Order.Rows(4, new SlotRange(0, 8)), rows);

        Assert.True(trial.Note(Crash(3)));
        Assert.Equal(rows.Skip(3), trial.Rows);
        Assert.False(trial.Note(Done));
        Assert.Equal([rows[2]], trial.Culprits);
        Assert.Equal((4, ""), (trial.Step, trial.Broken));
    }

    [Fact]
    public void Note_TheLastRowCrashes_IsTheEnd()
    {
        var trial = Trial();
        var last = trial.Rows[7];
        Assert.False(trial.Note(Crash(8)));
        Assert.Equal([last], trial.Culprits);
    }

    [Fact]
    public void Note_NoRowCrashes_TriesTheStepsThatWereReadAhead()
    {
        var trial = Trial();
        Assert.True(trial.Note(Done));
        Assert.Equal(5, trial.Step);
        Assert.Equal(Order.Rows(5, new SlotRange(0, 8)), trial.Rows);
        Assert.True(trial.Note(Done));
        Assert.False(trial.Note(Done));
        Assert.Equal((6, ""), (trial.Step, trial.Broken));
        Assert.Empty(trial.Culprits);
    }

    [Theory]
    [InlineData(139, 0, "was ended by signal 11 (SIGSEGV)")] // before it began a row
    [InlineData(137, 3, "was ended by signal 9 (SIGKILL)")]
    [InlineData(2, 3, "exited with code 2")]
    [InlineData(null, 3, "is no longer there")]
    public void Note_ItEndsForAnotherReason_SaysNothingOfTheRows(int? code, int begun, string how)
    {
        var trial = Trial();
        Assert.False(trial.Note(new ProcessExit(code, "no shard\n", begun)));
        Assert.Equal($"the process that decodes them {how}: no shard", trial.Broken);
        Assert.Empty(trial.Culprits);
    }

    [Fact]
    public void Rows_KnownToCrash_AreNotTriedAgain()
    {
        var rows = Order.Rows(4, new SlotRange(0, 8));
        Assert.Equal(rows.Skip(1), new RowTrial(Order, 4, 6, new HashSet<SampleId> { rows[0] }).Rows);
    }

    private static RowTrial Trial() => new(Order, 4, 6, new HashSet<SampleId>());

    private static ProcessExit Crash(int begun) => new(139, "", begun);
}
