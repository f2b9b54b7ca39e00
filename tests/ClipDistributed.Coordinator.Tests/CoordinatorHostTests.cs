using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Tests;

public class CoordinatorHostTests
{
    [Theory]
    [InlineData("0.0.0.0:7071", "--listen is 0.0.0.0:7071, which other machines can reach, and needs TLS: make a certificate with clipd "
        + "certs init certs and add --cert certs/server.pem --key certs/server.key; or ")]
    [InlineData("10.0.0.1:7071", "--listen is 10.0.0.1:7071, which other machines can reach, and needs TLS: make a certificate with clipd "
        + "certs init certs --name 10.0.0.1 and add ")]
    [InlineData("nowhere", "--listen is 'nowhere'; use an address of this machine and a port")]
    [InlineData("127.0.0.1:70710", "--listen is '127.0.0.1:70710'; use")]
    [InlineData("example.org:7071", "--listen is 'example.org:7071'; use")]
    public void Build_ListenCannotBeUsed_IsRefused(string listen, string start)
    {
        var refused = Assert.Throws<BadInputException>(() => CoordinatorHost.Build(new CoordinatorOptions { Listen = listen }));
        Assert.StartsWith(start, Assert.Single(refused.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_HttpIsOpenToOthers_IsRefused()
    {
        var refused = Assert.Throws<BadInputException>(() => new CoordinatorOptions { Http = "0.0.0.0:7070" }.Check());
        Assert.StartsWith("--http is 0.0.0.0:7070, ", Assert.Single(refused.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_HttpPortTaken_IsRefusedByItsOption()
    {
        await using var first = await TestCoordinator.StartAsync();
        using var folder = new TemporaryFolder();
        string http = first.Address["http://".Length..];
        await using var second = CoordinatorHost.Build(
            new CoordinatorOptions
            {
                Listen = "127.0.0.1:0",
                Http = http,
                StateDirectory = folder.Path,
            },
            logging => logging.ClearProviders()
        );
        var refused = await Assert.ThrowsAsync<BadInputException>(() => CoordinatorHost.StartAsync(second));
        Assert.Equal(
            $"{http} is taken by another process, perhaps another coordinator; stop that one, or choose another port with --http, or "
                + "leave it out with --http none.",
            refused.Message
        );
    }

    [Theory]
    [InlineData("localhost:0")]
    [InlineData("[::1]:0")]
    [InlineData("127.0.0.1:0")]
    public void Check_Loopback_IsAllowed(string listen) => new CoordinatorOptions { Listen = listen }.Check();

    [Fact]
    public async Task Start_PortTaken_IsRefusedInOneLine()
    {
        await using var first = await TestCoordinator.StartAsync();
        using var folder = new TemporaryFolder();
        string listen = first.Address["http://".Length..];
        await using var second = CoordinatorHost.Build(
            new CoordinatorOptions { Listen = listen, StateDirectory = folder.Path },
            logging => logging.ClearProviders()
        );
        var refused = await Assert.ThrowsAsync<BadInputException>(() => CoordinatorHost.StartAsync(second));
        Assert.Equal(
            $"{listen} is taken by another process, perhaps another coordinator; stop that one, or choose another port with --listen.",
            refused.Message
        );
    }

    [Fact]
    public async Task Stop_CallsAreOpen_EndsThem()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await using var host = await ScriptedHost.ConnectAsync(coordinator.Channel, "a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await using var watching = coordinator.WatchAsync(runId).GetAsyncEnumerator();
        Assert.True(await watching.MoveNextAsync());

        var rest = Task.Run(async () =>
        {
            while (await watching.MoveNextAsync())
                Assert.NotEqual(RunState.Failed, watching.Current.Run?.State);
        });

        await coordinator.StopAsync();

        // The connection may be gone before the status of a call has passed over it; that it ended is what counts.
        foreach (var call in new[] { host.CallAsync(), replica.CallAsync(), rest })
        {
            var ended = await Record.ExceptionAsync(() => call);
            Assert.True(
                ended is null or ObjectDisposedException or RpcException { StatusCode: not StatusCode.DeadlineExceeded },
                $"{ended}"
            ); // the client disposes its call by itself, sometimes while it is read
        }
    }

    [Fact]
    public async Task Build_InsecureAddress_IsAllowedWhenSaidAloud()
    {
        using var folder = new TemporaryFolder();
        await using var app = CoordinatorHost.Build(
            new CoordinatorOptions
            {
                Listen = "0.0.0.0:0",
                Insecure = true,
                StateDirectory = folder.Path,
            },
            logging => logging.ClearProviders()
        );
        await CoordinatorHost.StartAsync(app);
        Assert.StartsWith("http://0.0.0.0:", CoordinatorHost.Address(app), StringComparison.Ordinal);
        await app.StopAsync();
    }

    [Fact]
    public async Task Call_MoreOnAConnectionThanMayBeOpen_WaitsUntilOneEnds()
    {
        await using var coordinator = await TestCoordinator.StartAsync(
            options => options with { Limits = new CoordinatorLimits { CallsPerConnection = 1 } });
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        using var channel = GrpcChannel.ForAddress(coordinator.Address, new GrpcChannelOptions { HttpHandler = handler });
        var control = new ControlService.ControlServiceClient(channel);
        var token = new Metadata { { "authorization", $"Bearer {coordinator.Token}" } };
        using (var watch = control.WatchRun(new WatchRunRequest { RunId = runId }, token))
        {
            Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
            var soon = DateTime.UtcNow + TimeSpan.FromMilliseconds(300);
            var late = await Assert.ThrowsAsync<RpcException>(
                () => control.ListRunsAsync(new ListRunsRequest(), token, soon).ResponseAsync);
            Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        }
        Assert.Single((await control.ListRunsAsync(new ListRunsRequest(), token)).Runs);
    }
}
