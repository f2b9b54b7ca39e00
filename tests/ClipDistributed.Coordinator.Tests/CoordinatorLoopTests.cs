using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Certificates;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Databases;
using Grpc.Core;
using Grpc.Net.Client;

namespace ClipDistributed.Coordinator.Tests;

/// <summary>Coordinators that share a PostgreSQL database.</summary>
[Collection(StoreCollection.Name)]
public sealed class CoordinatorLoopTests(StoreProviders providers)
{
    [Theory]
    [InlineData(false, "http://")]
    [InlineData(true, "https://")]
    public async Task Run_AnotherOneLeads_SendsCallersThereAndFollowsIt(bool hasTls, string scheme)
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        using var folder = new TemporaryFolder();
        using var files = new TestCertificates();
        var options = await providers.NewAsync(StoreProviders.Postgres, folder) with { Tls = hasTls ? files.Settings : null };
        await using var first = new Life(options, files.Trust);
        await first.AnswersAsync();
        await using var second = new Life(options, files.Trust);
        Assert.StartsWith(scheme, await first.AddressAsync(), StringComparison.Ordinal);

        var refused = await second.RefusesAsync(leader: await first.AddressAsync());
        Assert.Equal("1", refused.Trailers.GetValue(CoordinatorAddresses.NotServed));
        await first.DisposeAsync();
        await second.AnswersAsync();
    }

    [Fact]
    public async Task Run_StoreOutageLongerThanTheLease_StepsDownAndLeadsAgain()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        using var folder = new TemporaryFolder();
        await using var life = new Life(await providers.NewAsync(StoreProviders.Postgres, folder), new TlsFiles());
        await life.AnswersAsync();

        await providers.Server.StopAsync();
        await life.Log.UntilAsync("LeadershipLost", ("Term", 1L));
        await life.Log.UntilAsync("StoreUnavailable");
        await providers.Server.StartAgainAsync();
        await life.AnswersAsync();
    }

    /// <summary>A coordinator's, in this process.</summary>
    private sealed class Life : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly TaskCompletionSource<string> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task running;
        private readonly TlsFiles tls;
        private readonly string state;
        private GrpcChannel? channel;

        public Life(CoordinatorOptions options, TlsFiles tls)
        {
            (this.tls, state) = (tls, options.StateDirectory);
            running = Task.Run(() =>
                new CoordinatorLoop(
                    options with
                    {
                        Listen = "127.0.0.1:0",
                        LeaderLease = TimeSpan.FromSeconds(1),
                    },
                    served => address.SetResult(served.Grpc),
                    Log.AddTo
                ).RunAsync(stop.Token)
            );
        }

        public RecordedLog Log { get; } = new();

        public async Task<string> AddressAsync()
        {
            await await Task.WhenAny(running, address.Task).WaitAsync(TestCoordinator.Patience);
            return await address.Task;
        }

        public async Task<ControlService.ControlServiceClient> ControlAsync() =>
            new(channel ??= TokenHandler.Open(await AddressAsync(), TokenHandler.Local(state), tls));

        /// <summary>Returns when it leads.</summary>
        public async Task AnswersAsync() => await UntilAsync(refused => refused is null);

        /// <summary>Returns when it names another one that leads.</summary>
        public async Task<RpcException> RefusesAsync(string leader) =>
            (await UntilAsync(refused => refused?.Status.Detail == $"this coordinator stands by; {leader} leads"))!;

        private async Task<RpcException?> UntilAsync(Func<RpcException?, bool> meets)
        {
            using var late = new CancellationTokenSource(TestCoordinator.Patience);
            while (true)
            {
                RpcException? refused = null;
                try
                {
                    await (await ControlAsync()).ListRunsAsync(new ListRunsRequest(), cancellationToken: late.Token);
                }
                catch (RpcException unavailable) when (unavailable.StatusCode == StatusCode.Unavailable)
                {
                    refused = unavailable;
                }
                if (meets(refused))
                    return refused;
                await Task.Delay(50, late.Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (stop.IsCancellationRequested)
                return;
            await stop.CancelAsync();
            await running.WaitAsync(TestCoordinator.Patience);
            channel?.Dispose();
            stop.Dispose();
            Assert.Empty(Log.Errors);
        }
    }
}
