using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Tests.Batches;

public class AssignedSharesTests
{
    private static readonly Shares Even = new([4, 4]), Uneven = new([5, 3]);

    [Fact]
    public async Task At_AssignedStep_IsKnown()
    {
        var assigned = new AssignedShares();
        Assert.True(assigned.Add(5, 8, Even));
        Assert.True(assigned.Add(9, 9, Uneven));
        Assert.Equal(Even, await assigned.AtAsync(8, CancellationToken.None));
        Assert.Equal(Uneven, await assigned.AtAsync(9, CancellationToken.None));
    }

    [Fact]
    public async Task At_NothingIsSaidInTime_GoesOnWithTheLastShares()
    {
        var assigned = new AssignedShares(TimeSpan.FromMilliseconds(1));
        assigned.Add(1, 4, Even);
        Assert.Equal(Even.Rows, (await assigned.AtAsync(100, CancellationToken.None)).Rows);
        Assert.True(assigned.Add(5, 200, Even)); // said late: the same for the steps that it went on by itself
        Assert.False(assigned.Add(5, 200, Uneven));
        Assert.Equal(Even, await assigned.AtAsync(200, CancellationToken.None));
    }

    [Fact]
    public async Task At_NothingWasEverSaid_WaitsForIt()
    {
        var assigned = new AssignedShares(TimeSpan.FromMilliseconds(1));
        var waiting = assigned.AtAsync(1, CancellationToken.None);
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(50)));
        assigned.Add(1, 4, Even);
        Assert.Equal(Even, await waiting);
    }

    [Fact]
    public void Add_Gap_IsABug()
    {
        var assigned = new AssignedShares();
        assigned.Add(1, 4, Even);
        Assert.Throws<ArgumentOutOfRangeException>(() => assigned.Add(6, 9, Even));
    }
}
