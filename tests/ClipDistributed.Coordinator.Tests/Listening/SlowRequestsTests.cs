using System.Net.Sockets;
using System.Text;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Listening;

/// <summary>Requests over HTTP/1.1 that do not end are ended.</summary>
public sealed class SlowRequestsTests
{
    [Theory]
    [InlineData("POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")]
    [InlineData("POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n")]
    [InlineData("GET /v1/runs HTTP/1.1\r\nHost: loc")]
    [InlineData("GET /healthz HTTP/1.1\r\nX: 1\r\n")]
    public async Task Accept_RequestStops_IsEnded(string sent)
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with
        {
            Http = "127.0.0.1:0", Limits = new CoordinatorLimits { IdleTimeout = TimeSpan.FromSeconds(1) },
        });
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", new Uri(coordinator.HttpAddress).Port);
        string header = $"Host: localhost\r\nAuthorization: Bearer {coordinator.Token}\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(sent.Replace("Host: localhost\r\n", header, StringComparison.Ordinal)));
        var answer = new MemoryStream();
        try
        {
            await new NetworkStream(socket).CopyToAsync(answer).WaitAsync(TestCoordinator.Patience);
        }
        catch (IOException)
        {
            // Reset: it is ended too.
        }
        Assert.DoesNotContain("HTTP/1.1 2", Encoding.ASCII.GetString(answer.ToArray()), StringComparison.Ordinal);
        Assert.Empty(coordinator.Log.Warnings);
    }
}
