using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.TestKit.Simulation;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Tests of a run in simulated time, on hosts that are connected.</summary>
public abstract class SimulatedRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private protected readonly CoordinatorOptions options;
    private SimulatedCluster? made;

    protected SimulatedRunTests()
    {
        options = SimulatedCluster.Options(folder.Path);
    }

    /// <summary>Made by the test itself, on whose thread all happens.</summary>
    private protected SimulatedCluster Cluster
    {
        get
        {
            if (made is not null)
                return made;
            made = new SimulatedCluster(options, seed: 1)
            {
                Tracer = TestContext.Current.TestOutputHelper is { } output ? output.WriteLine : null,
            };
            foreach (var host in made.Workers)
            {
                host.Connect();
                made.Until(() => made.Coordinator!.Hosts.Connected.Any(known => known.Offer.Host == host.Name), TimeSpan.FromSeconds(1));
            }
            return made;
        }
    }

    private protected SimulatedRun Run => Cluster.Runs[0];

    public void Dispose()
    {
        made?.Dispose();
        folder.Dispose();
    }

    private protected void UntilEnd()
    {
        Cluster.Until(() => Run.Ending.IsCompleted, TimeSpan.FromHours(2));
        Run.Ending.GetAwaiter().GetResult();
    }
}
