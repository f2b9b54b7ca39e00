using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Data.Streams;
using CsCheck;

namespace ClipDistributed.Coordinator.Tests.Assignments;

public class ShareBalanceTests
{
    [Fact]
    public void Improve_OneIsThreeTimesSlower_GetsAThirdOfTheRows() =>
        Assert.Equal([77, 77, 77, 25], ShareBalance.Improve(Shares.Even(256, 4), [1, 1, 1, 3], unit: 1, worth: 0.15)!.Rows);

    [Fact]
    public void Improve_AlreadyBalanced_ChangesNothing() =>
        Assert.Null(ShareBalance.Improve(new Shares([77, 77, 76, 26]), [1.2, 1.2, 1.2, 1.2], unit: 1, worth: 0.15));

    [Fact]
    public void Improve_LessToGainThanItIsWorth_ChangesNothing() =>
        Assert.Null(ShareBalance.Improve(Shares.Even(256, 4), [1, 1, 1, 1.15], unit: 1, worth: 0.15));

    [Fact]
    public void Improve_UnitsTooLargeToGain_ChangesNothing() =>
        Assert.Null(ShareBalance.Improve(new Shares([32, 32]), [1, 1.8], unit: 32, worth: 0.15));

    [Fact]
    public void Improve_SomebodyHasNoRows_ChangesNothing() =>
        Assert.Null(ShareBalance.Improve(new Shares([8, 0]), [3, 0.1], unit: 1, worth: 0.15));

    [Fact]
    public void Improve_AnySpeeds_KeepsTheBatchAndGainsWhatItIsWorth() =>
        Gen.Select(Gen.Double[0.05, 5].Array[1, 12], Gen.Int[1, 8], Gen.Int[1, 40], Gen.Double[0.01, 0.5])
            .Sample(
                (speeds, unit, each, worth) =>
                {
                    var shares = Shares.Even(unit * each * speeds.Length, speeds.Length, unit);
                    double[] busy = [.. speeds.Select((speed, rank) => shares.Rows[rank] / speed)];
                    if (ShareBalance.Improve(shares, busy, unit, worth) is not { } better)
                        return;
                    Assert.Equal(shares.Total, better.Total);
                    Assert.All(better.Rows, rows => Assert.True(rows >= unit && rows % unit == 0));
                    Assert.True(better.Rows.Select((rows, rank) => rows / speeds[rank]).Max() <= (1 - worth) * busy.Max() * (1 + 1e-9));
                }
            );
}
