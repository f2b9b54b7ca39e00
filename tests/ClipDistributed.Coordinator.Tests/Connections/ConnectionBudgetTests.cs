using System.Net.Sockets;
using System.Text;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;
using Grpc.Net.Client;

namespace ClipDistributed.Coordinator.Tests.Connections;

/// <summary>Who opens connections and says nothing keeps no one out, and costs a bounded number of files.</summary>
public class ConnectionBudgetTests
{
    private static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];

    public static TheoryData<string> Strangers => ["silent", "http2", "half a header", "garbage"];

    [Theory, MemberData(nameof(Strangers))]
    public async Task Accept_MoreConnectionsThanThereIsRoomFor_HostsStillGetInAndStay(string strangers)
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with
            {
                Limits = new CoordinatorLimits { Connections = 6 },
            }
        );
        var before = await coordinator.HostAsync("before");
        var idle = new List<Socket>();
        try
        {
            for (int i = 0; i < 60; i++)
                idle.Add(await OpenAsync(coordinator.Address, strangers));
            using var channel = coordinator.Open();
            await using var after = await ScriptedHost.ConnectAsync(channel, "after");
            for (int i = 0; i < 20; i++)
                idle.Add(await OpenAsync(coordinator.Address, strangers));
            await before.HeartbeatAsync();
            await after.HeartbeatAsync();
            using var client = coordinator.Open();
            var hosts = (await new ControlService.ControlServiceClient(client).ListHostsAsync(new ListHostsRequest())).Hosts;
            Assert.Equal([("after", false), ("before", false)], hosts.Select(host => (host.Name, host.Lost is not null)));
            Assert.True(idle.Count(IsOpen) <= 6, "more are open than there is room for");
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
        Assert.True(coordinator.Log.Warnings.Count < 10, string.Join('\n', coordinator.Log.Warnings));
    }

    [Fact]
    public async Task Accept_SilentConnection_IsEndedAfterTheIdleTimeout()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with
            {
                Limits = new CoordinatorLimits { IdleTimeout = TimeSpan.FromSeconds(1) },
            }
        );
        foreach (string kind in (string[])["silent", "http2", "half a header"])
        {
            using var socket = await OpenAsync(coordinator.Address, kind);
            using var late = new CancellationTokenSource(TestCoordinator.Patience);
            byte[] answer = new byte[4096];
            int read = 1;
            try
            {
                while (read > 0)
                    read = await socket.ReceiveAsync(answer, late.Token);
            }
            catch (SocketException)
            {
                // Reset: it is ended too.
            }
        }
    }

    [Theory]
    [InlineData("/clipdistributed.host.v1.HostService/Connect")]
    [InlineData("/clipdistributed.replica.v1.ReplicaService/Connect")]
    public async Task Connect_SaysNothing_IsEnded(string method)
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with
            {
                HostTimeout = TimeSpan.FromMilliseconds(300),
            }
        );
        var bytes = Marshallers.Create<byte[]>(message => message, message => message);
        using var call = coordinator
            .Channel.CreateCallInvoker()
            .AsyncDuplexStreamingCall(
                new Method<byte[], byte[]>(
                    MethodType.DuplexStreaming,
                    method[1..method.LastIndexOf('/')],
                    method[(method.LastIndexOf('/') + 1)..],
                    bytes,
                    bytes
                ),
                null,
                default
            );
        var ended = await Assert.ThrowsAsync<RpcException>(() =>
            call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TestCoordinator.Patience)
        );
        Assert.Equal(StatusCode.Cancelled, ended.StatusCode);
    }

    private static async Task<Socket> OpenAsync(string address, string kind)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", new Uri(address).Port);
        byte[] said = kind switch
        {
            "http2" => Preface,
            "half a header" => [.. Preface, 0, 0, 9, 1, 0, 0, 0, 0, 1, 0x83],
            "garbage" => Encoding.ASCII.GetBytes(new string('x', 100)),
            _ => [],
        };
        try
        {
            await socket.SendAsync(said);
        }
        catch (SocketException)
        {
            // It was ended for the next one.
        }
        return socket;
    }

    private static bool IsOpen(Socket socket)
    {
        try
        {
            while (socket.Poll(0, SelectMode.SelectRead))
            {
                if (socket.Receive(new byte[4096]) == 0)
                    return false;
            }
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
