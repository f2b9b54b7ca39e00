using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Cluster.Tests.Running;

internal sealed partial class LiveCluster
{
    /// <param name="hosts">The slots of each host, which are named a, b, c and so on.</param>
    public static Task<LiveCluster> StartAsync(params int[] hosts) => StartAsync(options => options, hosts);

    /// <param name="change">Of the coordinator's options.</param>
    /// <param name="hosts">As above.</param>
    public static async Task<LiveCluster> StartAsync(Func<CoordinatorOptions, CoordinatorOptions> change, params int[] hosts)
    {
        var state = Directory.CreateTempSubdirectory("clipd-cluster-");
        var log = new ClusterLog();
        var options = new CoordinatorOptions
        {
            Listen = "127.0.0.1:0",
            StateDirectory = state.FullName,
            HostTimeout = Patience, // a busy machine is not a lost host
        };
        var app = CoordinatorHost.Build(change(options), log.AddTo);
        await CoordinatorHost.StartAsync(app);
        return await WithHostsAsync(new LiveCluster(state, CoordinatorHost.Address(app), log, new(), app), hosts);
    }

    /// <summary>The coordinator is a process of its own, with the settings that users have.</summary>
    /// <param name="hosts">As of <see cref="StartAsync"/>.</param>
    public static Task<LiveCluster> StartApartAsync(params int[] hosts) => StartApartAsync(new TlsFiles(), [], hosts);

    /// <param name="tls">Of all that connect to it.</param>
    /// <param name="options">Of the coordinator.</param>
    /// <param name="hosts">As of <see cref="StartAsync"/>.</param>
    public static async Task<LiveCluster> StartApartAsync(TlsFiles tls, string[] options, params int[] hosts)
    {
        var state = Directory.CreateTempSubdirectory("clipd-cluster-");
        var log = new ClusterLog();
        var process = await CoordinatorProcess.StartAsync(state.FullName, log, options: options);
        return await WithHostsAsync(new LiveCluster(state, process.Address, log, tls, process), hosts);
    }

    /// <summary>Two coordinators with one store, the first of which leads.</summary>
    /// <param name="store">A connection string.</param>
    /// <param name="hosts">As of <see cref="StartAsync"/>.</param>
    public static async Task<LiveCluster> StartPairAsync(string store, params int[] hosts)
    {
        var log = new ClusterLog();
        var home = Directory.CreateTempSubdirectory("clipd-cluster-");
        var first = await CoordinatorProcess.StartAsync(store, log, home.FullName);
        await log.WaitAsync("Leads", ("Term", 1));
        var second = await CoordinatorProcess.StartAsync(store, log, home.FullName);
        var state = new DirectoryInfo(Path.Combine(home.FullName, "clipdistributed"));
        var cluster = new LiveCluster(state, $"{second.Address},{first.Address}", log, new TlsFiles(), first, second);
        return await WithHostsAsync(cluster.Ask(first), hosts);
    }
}
