using System.Diagnostics;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Contracts.Tests.Processes;

public sealed class ThreadWaitingTests
{
    [Fact]
    public void Apply_UserSetNothing_BoundsTheSpin()
    {
        var start = Start();

        ThreadWaiting.Apply(start);

        Assert.True(int.Parse(start.Environment["GOMP_SPINCOUNT"]!) is >= 1000 and <= 100_000);
    }

    [Theory]
    [InlineData("GOMP_SPINCOUNT", "7")]
    [InlineData("OMP_WAIT_POLICY", "active")]
    public void Apply_UserDecided_Stays(string name, string value)
    {
        var start = Start();
        start.Environment[name] = value;

        ThreadWaiting.Apply(start);

        Assert.Equal(value, start.Environment[name]);
        Assert.Equal(name == "GOMP_SPINCOUNT", start.Environment.ContainsKey("GOMP_SPINCOUNT"));
    }

    private static ProcessStartInfo Start()
    {
        var start = new ProcessStartInfo("program");
        start.Environment.Remove("GOMP_SPINCOUNT");
        start.Environment.Remove("OMP_WAIT_POLICY");
        return start;
    }
}
