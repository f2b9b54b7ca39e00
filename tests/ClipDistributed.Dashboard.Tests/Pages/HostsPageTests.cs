using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Pages;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Dashboard.Tests.Pages;

public sealed class HostsPageTests
{
    public static TheoryData<Action<Host>, int> Hosts => new()
    {
        { _ => { }, 2 },
        { host => host.Drained = true, 0 },
        { host => host.Quarantine = "it lost replicas", 0 },
        { host => host.Lost = new Timestamp(), 0 },
    };

    [Theory, MemberData(nameof(Hosts), DisableDiscoveryEnumeration = true)]
    public void Free_Host_IsWhatTakesReplicas(Action<Host> change, int free)
    {
        var host = new Host
        {
            Devices =
            {
                new HostDevice(), new HostDevice(), new HostDevice { ReplicaId = "demo-1/0" }, new HostDevice { Fault = "it is hot" },
            },
        };
        change(host);
        Assert.Equal(free, HostsPage.Free(host));
    }
}
