using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Processes;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.WorkerHost.Tests;

public sealed partial class WorkerTests
{
    /// <summary>In the order in which it is documented: its file first, then the old one is revoked.</summary>
    [Fact]
    public async Task Token_Replaced_IsTheOneOfTheNextConnection()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("token"), former = TokenText.New().Text, next = TokenText.New().Text;
        await File.WriteAllTextAsync(file, former);
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput) with { Name = "north", TokenFile = file });
        var call = await coordinator.WelcomeAsync();
        Assert.Equal($"Bearer {former}", call.Authorization);
        call.Launch("stays");
        await call.LineAsync();

        await File.WriteAllTextAsync(file, next);
        coordinator.Refuse(StatusCode.Unauthenticated, "it was revoked"); // a connection that was already under way
        call.Close();

        await log.UntilAsync("HostRefused", ("Refusal", $"{coordinator.Address}: it was revoked"), ("TokenFile", file));
        var again = await coordinator.WelcomeAsync();
        Assert.Equal($"Bearer {next}", again.Authorization);
        Assert.Equal(["stays"], again.Offer.ReplicaIds);

        File.Delete(file);
        again.Close();
        await log.UntilAsync("TokenUnreadable");
        Assert.Null((await coordinator.WelcomeAsync()).Authorization); // it goes on asking
    }

    /// <summary>A user has to do something about it: it need not ask every few seconds, as where a coordinator is restarted.</summary>
    [Fact]
    public async Task Token_StaysRevoked_IsSaidAndTriedEverMoreRarely()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var time = new FakeTimeProvider();
        running = new Worker(Options(coordinator, StandInReplica.WaitsForItsInput), time, log).RunAsync(stop.Token);
        var call = await coordinator.WelcomeAsync();
        for (int i = 0; i < 20; i++)
            coordinator.Refuse(StatusCode.Unauthenticated, "it was revoked");
        call.Close();
        using var late = new CancellationTokenSource(HostCall.Patience);
        while (!log.Has("HostRefused", ("Seconds", 60)))
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, late.Token);
        }
        Assert.All((int[])[2, 4, 8, 16, 32], seconds => Assert.True(log.Has("HostRefused", ("Seconds", seconds))));
        Assert.False(log.Has("CoordinatorUnreachable", ("Reason", "it was revoked")));
    }

    [Fact]
    public async Task Token_FileIsNotThere_EndsTheWorker()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var worker = NewWorker(Options(coordinator, "") with { TokenFile = "/none/at/all" });
        var refused = await Assert.ThrowsAsync<BadInputException>(() => worker.RunAsync(stop.Token).WaitAsync(HostCall.Patience));
        Assert.StartsWith("--token-file is /none/at/all, which is not there", Assert.Single(refused.Errors), StringComparison.Ordinal);
    }
}
