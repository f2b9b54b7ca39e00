using System.Net;
using System.Net.Sockets;

namespace ClipDistributed.Collectives.Tests;

public class PeerReachTests
{
    [Fact]
    public void Unreached_AllAnswer_IsNobody()
    {
        using var one = new PeerReach("127.0.0.1");
        using var other = new PeerReach("lo");
        Assert.Empty(PeerReach.Unreached([one.Address, other.Address, ""], rank: 0));
    }

    [Fact]
    public void Unreached_ItsProcessIsGone_IsReached()
    {
        using var one = new PeerReach("127.0.0.1");
        string gone;
        using (var other = new PeerReach("127.0.0.1"))
            gone = other.Address;
        Assert.Empty(PeerReach.Unreached([one.Address, gone], rank: 0)); // that it is dead others find out
    }

    [Fact]
    public void Unreached_ItsHostDoesNotAnswer_IsNamed()
    {
        // A queue that is full answers no more, as a cut network does.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        first.Connect(full.LocalEndPoint!);
        using var one = new PeerReach("127.0.0.1");
        Assert.Equal([2], PeerReach.Unreached([one.Address, one.Address, full.LocalEndPoint!.ToString()!], rank: 0));
    }
}
