using System.Net.Sockets;
using System.Text;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control;

public sealed class PacedStreamTests
{
    private const int FileBytes = 64 << 20; // more than sockets hold

    [Fact]
    public async Task Send_ReaderOverHttpThatTakesNothing_IsCutOff()
    {
        await using var coordinator = await StartAsync(limits => limits with { WatcherTimeout = TimeSpan.FromMilliseconds(300) });
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        await using (var file = File.Create(Path.Combine((await coordinator.RunAsync(runId)).RunDirectory, "report.html")))
            file.SetLength(FileBytes);
        var address = new Uri(coordinator.HttpAddress);
        using var socket = new TcpClient(address.Host, address.Port);
        string request = $"GET /v1/runs/{runId}/artefacts/report.html HTTP/1.1\r\nHost: {address.Authority}\r\n"
            + $"Authorization: Bearer {coordinator.Token}\r\n\r\n";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        Assert.Equal('H', socket.GetStream().ReadByte()); // it has begun

        // One stream at a time is allowed: the next one begins when this one has been cut off.
        while (await StatusAsync(coordinator, runId) == StatusCode.ResourceExhausted)
            await Task.Yield();

        Assert.InRange(await CountAsync(socket.GetStream()), 1, FileBytes - 1);
    }

    [Fact]
    public async Task Send_MoreStreamsThanMayBeOpen_IsRefused()
    {
        await using var coordinator = await StartAsync(limits => limits);
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var launch = await host.LaunchAsync();
        await host.LineAsync(launch.ReplicaId, "line");
        using var following = History(coordinator).ReadLogs(new ReadLogsRequest { RunId = runId, Follow = true });
        Assert.True(await following.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.ResourceExhausted, await StatusAsync(coordinator, runId));
    }

    /// <summary>What a socket does not take waits in no memory of the coordinator, and not for ever.</summary>
    [Fact]
    public async Task Send_WatcherThatTakesNothing_IsCutOffAndTheRunGoesOn()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with
            {
                Limits = new CoordinatorLimits { WatcherTimeout = TimeSpan.FromMilliseconds(300) },
            }
        );
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        using var deaf = coordinator.Control.WatchRun(new WatchRunRequest { RunId = runId });
        Assert.True(await deaf.ResponseStream.MoveNext(CancellationToken.None)); // its call is open, and then it reads no more
        for (int number = 1; number <= 60; number++)
            await replica.NoticeAsync(new string('x', 100_000));
        await coordinator.Log.UntilAsync("WatcherCutOff", ("Subject", runId));
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await deaf.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        });
        // Where the connection takes no status either, HTTP/2 ends the call as an internal error; the coordinator has logged none.
        Assert.Contains(ended.StatusCode, (StatusCode[])[StatusCode.Unavailable, StatusCode.Cancelled, StatusCode.Internal]);
        Assert.Empty(coordinator.Log.Errors);
        await coordinator.UntilRecordsAsync(runId, 60);
    }

    [Fact]
    public async Task Send_MoreWatchersThanMayBeOpen_IsRefusedUntilOneEnds()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with
            {
                Limits = new CoordinatorLimits { Watchers = 1 },
            }
        );
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        using (var first = coordinator.Control.WatchRun(new WatchRunRequest { RunId = runId }))
        {
            Assert.True(await first.ResponseStream.MoveNext(CancellationToken.None));
            using var second = coordinator.Control.WatchRun(new WatchRunRequest { RunId = runId });
            Assert.Equal(
                StatusCode.ResourceExhausted,
                (await Assert.ThrowsAsync<RpcException>(() => second.ResponseStream.MoveNext(CancellationToken.None))).StatusCode
            );
        }
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        while (true)
        {
            try
            {
                await coordinator.UntilAsync(runId, RunState.Cancelled);
                return;
            }
            catch (RpcException taken) when (taken.StatusCode == StatusCode.ResourceExhausted)
            {
                await Task.Yield(); // the coordinator has not seen yet that the first has ended
            }
        }
    }

    [Fact]
    public async Task Send_BackupWithoutAPlace_IsRefusedBeforeACopyIsMade()
    {
        await using var coordinator = await StartAsync(limits => limits);
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        using var first = coordinator.Control.WatchRun(new WatchRunRequest { RunId = runId });
        Assert.True(await first.ResponseStream.MoveNext(CancellationToken.None));
        using var backup = new AdminService.AdminServiceClient(coordinator.Channel).BackUpStore(new BackUpStoreRequest());
        var refused = await Assert.ThrowsAsync<RpcException>(() => backup.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.False(Directory.Exists(Path.Combine(coordinator.StateDirectory, "backup")));
    }

    private static Task<TestCoordinator> StartAsync(Func<CoordinatorLimits, CoordinatorLimits> change) => TestCoordinator.StartAsync(
        options => options with { Http = "127.0.0.1:0", Limits = change(options.Limits with { Watchers = 1 }) });

    private static HistoryService.HistoryServiceClient History(TestCoordinator coordinator) => new(coordinator.Channel);

    private static async Task<StatusCode> StatusAsync(TestCoordinator coordinator, string runId)
    {
        try
        {
            using var call = History(coordinator).ReadLogs(new ReadLogsRequest { RunId = runId });
            await foreach (var _ in call.ResponseStream.ReadAllAsync())
            {
                // Only whether it is allowed.
            }
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }

    /// <returns>Bytes until the connection breaks.</returns>
    private static async Task<long> CountAsync(Stream stream)
    {
        byte[] part = new byte[1 << 16];
        long count = 0;
        try
        {
            for (int read; (read = await stream.ReadAsync(part).AsTask().WaitAsync(TestCoordinator.Patience)) > 0;)
                count += read;
        }
        catch (IOException)
        {
            // It was reset.
        }
        return count;
    }
}
