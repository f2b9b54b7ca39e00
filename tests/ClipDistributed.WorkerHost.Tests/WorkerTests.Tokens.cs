using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Processes;
using Grpc.Core;

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

        await log.UntilAsync("CoordinatorUnreachable", ("Reason", "it was revoked"));
        var again = await coordinator.WelcomeAsync();
        Assert.Equal($"Bearer {next}", again.Authorization);
        Assert.Equal(["stays"], again.Offer.ReplicaIds);

        File.Delete(file);
        again.Close();
        await log.UntilAsync("TokenUnreadable");
        Assert.Null((await coordinator.WelcomeAsync()).Authorization); // it goes on asking
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
