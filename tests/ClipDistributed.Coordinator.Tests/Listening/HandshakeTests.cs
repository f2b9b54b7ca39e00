using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Certificates;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Listening;

/// <summary>Peers that begin a handshake of TLS and do not end it: they are ended, and keep no one out.</summary>
public sealed class HandshakeTests : IDisposable
{
    /// <summary>The header of a handshake record of 512 bytes, and the first two of them.</summary>
    private static readonly byte[] HalfHello = [22, 3, 1, 2, 0, 1, 0];

    private readonly TestCertificates files = new();

    public void Dispose() => files.Dispose();

    public static TheoryData<string, byte[]> Beginnings => new()
    {
        { "nothing", [] },
        { "half a hello", HalfHello },
        { "plain HTTP", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n") },
        { "garbage", Encoding.ASCII.GetBytes(new string('x', 100)) },
    };

    [Theory, MemberData(nameof(Beginnings))]
    public async Task Accept_HandshakeIsNotFinished_IsEnded(string what, byte[] sent)
    {
        await using var coordinator = await StartAsync(new CoordinatorLimits { HandshakeTimeout = TimeSpan.FromMilliseconds(300) });
        using var socket = await OpenAsync(coordinator.Address, sent);
        var since = Stopwatch.StartNew();
        await ClosedAsync(socket);
        Assert.True(since.Elapsed < TimeSpan.FromSeconds(8), $"it took {since.Elapsed}"); // Kestrel's own time-out is ten
        Assert.Equal((what, 0), (what, coordinator.Log.Warnings.Count));
    }

    /// <summary>Kestrel would log an error each time.</summary>
    [Fact]
    public async Task Accept_PeerDoesNotNameHttp2_IsEnded()
    {
        await using var coordinator = await StartAsync(new CoordinatorLimits());
        using var socket = await OpenAsync(coordinator.Address, []);
        await using var tls = new SslStream(new NetworkStream(socket), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        Assert.Equal(0, await tls.ReadAsync(new byte[1]).AsTask().WaitAsync(TestCoordinator.Patience));
        Assert.Empty(coordinator.Log.Warnings);
    }

    [Fact]
    public async Task Accept_ManyHalfHandshakes_HostsStillGetIn()
    {
        await using var coordinator = await StartAsync(
            new CoordinatorLimits { Connections = 6, HandshakeTimeout = TimeSpan.FromMinutes(1) });
        using var channel = files.Open(coordinator);
        await using var host = await ScriptedHost.ConnectAsync(channel, "before");
        var half = new List<Socket>();
        try
        {
            for (int i = 0; i < 40; i++)
                half.Add(await OpenAsync(coordinator.Address, HalfHello));
            using var later = files.Open(coordinator);
            await using var after = await ScriptedHost.ConnectAsync(later, "after");
            await host.HeartbeatAsync();
            Assert.Equal(2, (await TlsTests.HostsAsync(later)).Hosts.Count);
        }
        finally
        {
            half.ForEach(socket => socket.Dispose());
        }
    }

    private Task<TestCoordinator> StartAsync(CoordinatorLimits limits) => files.StartAsync(options => options with { Limits = limits });

    private static async Task<Socket> OpenAsync(string address, byte[] sent)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", new Uri(address).Port);
        if (sent.Length > 0)
            await socket.SendAsync(sent);
        return socket;
    }

    private static async Task ClosedAsync(Socket socket)
    {
        using var late = new CancellationTokenSource(TestCoordinator.Patience);
        byte[] answer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(answer, late.Token) > 0)
            {
                // An alert.
            }
        }
        catch (SocketException)
        {
            // Reset: it is ended too.
        }
    }
}
