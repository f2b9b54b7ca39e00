using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Tests.Settings;

public class CoordinatorLimitsTests
{
    [Fact]
    public void Check_Defaults_AreAllowed() => new CoordinatorOptions().Check();

    [Fact]
    public void Check_LimitsThatAllowNothing_AreAllNamed()
    {
        var limits = new CoordinatorLimits
        {
            Hosts = 0,
            RendezvousKeys = -1,
            Watchers = 0,
            WatcherTimeout = TimeSpan.Zero,
            MessageBytes = 1,
            RecordBytes = 5 << 20,
            LostHosts = -1,
        };
        var refused = Assert.Throws<BadInputException>(() => new CoordinatorOptions { Limits = limits }.Check());
        Assert.Equal(7, refused.Errors.Count);
        Assert.Contains("Limits.Hosts is 0; use 1 or more.", refused.Errors);
    }
}
