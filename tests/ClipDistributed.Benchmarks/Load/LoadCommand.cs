using System.Globalization;
using ClipDistributed.TestKit.Files;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>A coordinator's process among many replicas, hosts and watchers, all of them in other processes.</summary>
internal static class LoadCommand
{
    private const string Peers = "peers";

    public const string Usage = """
        load CLIPD [SECONDS [RUNS]]: a coordinator with 1,000 replicas in so many runs, 100 hosts and 50 watchers
        """;

    // Forming generations of a thousand members on a busy machine.
    private static readonly TimeSpan Forming = TimeSpan.FromMinutes(5), Returning = TimeSpan.FromSeconds(10);

    /// <returns>Null: there is no such measurement.</returns>
    public static int? Run(string[] words) => words switch
    {
        [Peers, .. { Length: 4 } peers] => LoadPeers.Run(peers),
        [var clipd] => Run(clipd, LoadPlan.DefaultSeconds, LoadPlan.DefaultRuns),
        [var clipd, var seconds] => Run(clipd, Number(seconds), LoadPlan.DefaultRuns),
        [var clipd, var seconds, var runs] => Run(clipd, Number(seconds), Number(runs)),
        _ => null,
    };

    private static int? Run(string clipd, int seconds, int runs)
    {
        var plan = new LoadPlan(seconds, runs);
        return plan.ReplicasPerRun * runs == plan.Replicas
            ? RunAsync(Path.GetFullPath(clipd), plan).GetAwaiter().GetResult()
            : null;
    }

    private static async Task<int> RunAsync(string clipd, LoadPlan plan)
    {
        using var coordinator = await LoadCoordinator.StartAsync(clipd, new TemporaryFolder());
        using var peers = LoadProcess.Start(
            Environment.ProcessPath!,
            ["load", Peers, coordinator.Address, coordinator.State, $"{plan.Hosts}", $"{plan.SlotsPerHost}"],
            line => Console.Error.WriteLine($"peers: {line}"));
        var runs = new List<string>();
        for (int number = 1; number <= plan.Runs; number++)
            runs.Add(await coordinator.SubmitAsync(number, plan.ReplicasPerRun));
        await peers.LineAsync(LoadPeers.Ready, Forming);
        var figures = await MeasureAsync(plan, coordinator, peers, runs);
        coordinator.StopShowing();
        return LoadReport.Write(figures) ? 0 : 1;
    }

    private static async Task<LoadFigures> MeasureAsync(
        LoadPlan plan, LoadCoordinator coordinator, LoadProcess peers, IReadOnlyList<string> runs)
    {
        using var stop = new CancellationTokenSource();
        var (lists, health, lags) = (new TimedSamples(), new TimedSamples(), new TimedSamples());
        var watchers = Enumerable.Range(0, plan.Watchers - plan.SilentWatchers)
            .Select(number => new LoadWatcher(coordinator.Address, coordinator.Token, runs[number % runs.Count], lags)).ToList();
        List<Task> callers = [.. watchers.Select(watcher => watcher.RunAsync(stop.Token))];
        callers.Add(SteadyCalls.RunAsync(
            number => SteadyCalls.ListAsync(coordinator.Control, number), plan.ListCalls, lists, stop.Token));
        callers.Add(SteadyCalls.RunAsync(_ => coordinator.CheckHealthAsync(), plan.ListCalls, health, stop.Token));
        await Task.Delay(plan.WarmUp);

        await peers.AskAsync(LoadPeers.Reports);
        lists.Begin();
        health.Begin();
        lags.Begin();
        var silent = Enumerable.Range(0, plan.SilentWatchers)
            .Select(number => new SilentWatcher(coordinator.Address, coordinator.Token, runs[number % runs.Count])).ToList();
        var sampling = UseSampler.RunAsync(coordinator.Process.Process, peers.Process, plan.Seconds);
        await await Task.WhenAny([sampling, .. callers]); // one that fails fails the measurement
        var uses = await sampling;
        int reports = Number(await peers.AskAsync(LoadPeers.Reports));
        var behind = watchers.Max(watcher => watcher.Behind);

        var returned = new List<string?>();
        foreach (var watcher in silent)
        {
            using (watcher)
                returned.Add(await watcher.ReturnAsync(Returning));
        }
        foreach (string failed in returned.OfType<string>())
            Console.Error.WriteLine($"A watcher that never read: {failed}.");
        await stop.CancelAsync();
        await Task.WhenAll(callers).ContinueWith(_ => { }, TaskScheduler.Default);
        return new LoadFigures(plan, uses, lists, lags, behind)
        {
            Health = health, Reports = reports, CutOff = coordinator.CutOff, Returned = returned.Count(failed => failed is null),
        };
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
