using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Tests.Streams;

/// <summary>
/// order_version 1 as it was published. The numbers were computed by another program, in another language, from the
/// text of the page. A change here loses every running job its place: it needs order_version 2 instead.
/// </summary>
public class GoldenPlanTests
{
    private readonly StreamOrder order = new([7, 5, 0, 11, 3, 6], seed: 0x123456789ABCDEF0, globalBatch: 8, streams: 2, shuffleBlock: 5);

    [Theory]
    [InlineData(1, "5:0 5:4 5:3 5:2 3:5 3:8 3:7 3:6", "c73118658d600eb1606007771f227aef")]
    [InlineData(2, "5:1 1:3 1:1 5:5 3:9 3:10 0:2 0:1", "e51c2b492965466b936ec2dc33fefaad")]
    [InlineData(4, "3:1 1:4 3:0 3:4 0:5 4:1 4:0 4:2", "1a82f6890c2ce55228b0c6c3d7b6c6dd")]
    [InlineData(5, "3:10 3:9 4:0 3:8 1:0 0:6 0:5 1:1", "6a8ed0c5fdbe5a3a60170cfce69deec5")]
    [InlineData(9, "3:7 3:10 3:8 1:0 5:2 5:3 5:0 5:1", "f283317433fa7e8f1cf976dff67f2966")]
    public void Rows_OrderVersion1_NeverChange(long step, string ids, string digest)
    {
        var rows = order.Rows(step, new SlotRange(0, 8));
        Assert.Equal(ids, string.Join(' ', rows));
        Assert.Equal(digest, StepDigest.ToHex(StepDigest.OfPlan(0, rows)));
    }

    [Fact]
    public void Version_IsOne() => Assert.Equal(1, StreamOrder.Version);
}
