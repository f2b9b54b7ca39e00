using ClipDistributed.Coordinator.Connections;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Connections;

public class LogGateTests
{
    [Theory]
    [InlineData(0, "")]
    [InlineData(1, " (1 such line before this one was left out)")]
    [InlineData(2, " (2 such lines before this one were left out)")]
    public void LeftOut_Lines_AreSaidWhereThereAreAny(long before, string expected) => Assert.Equal(expected, LogGate.LeftOut(before));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void TryPass_MoreLinesThanAMinuteTakes_AreCounted(int lines)
    {
        var time = new FakeTimeProvider();
        var gate = new LogGate(time, lines);
        for (int i = 0; i < lines; i++)
            Assert.Equal((true, 0), (gate.TryPass(out long none), none));
        for (int i = 0; i < 5; i++)
            Assert.False(gate.TryPass(out _));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(gate.TryPass(out _));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((true, 6), (gate.TryPass(out long before), before));
        Assert.Equal(lines > 1, gate.TryPass(out _));
    }
}
