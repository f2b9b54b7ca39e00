using System.Globalization;
using ClipDistributed.TestKit.Coordinators;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>The process of the scripted hosts and replicas; it ends with its standard input.</summary>
internal static class LoadPeers
{
    /// <summary>Printed once all replicas are members of a generation.</summary>
    public const string Ready = "ready";

    /// <summary>Begins a line with the number of reports since it was asked for before, for each line of its input.</summary>
    public const string Reports = "reports: ";

    /// <param name="words">The coordinator's address, its state folder, hosts, slots of each.</param>
    public static int Run(string[] words) => RunAsync(
        words[0], words[1], int.Parse(words[2], CultureInfo.InvariantCulture), int.Parse(words[3], CultureInfo.InvariantCulture))
        .GetAwaiter().GetResult();

    private static async Task<int> RunAsync(string address, string state, int hosts, int slots)
    {
        using var stop = new CancellationTokenSource();
        string token = TokenHandler.Local(state);
        int joined = 0;
        var all = Enumerable.Range(1, hosts)
            .Select(number => LoadHost.RunAsync(address, token, $"host-{number}", slots, OnJoined, stop.Token)).ToList();
        var input = Task.Run(CountReports);
        var first = await Task.WhenAny([input, .. all]);
        if (first != input)
        {
            Console.Error.WriteLine($"A peer failed: {first.Exception?.InnerException?.Message}");
            return 1;
        }
        await stop.CancelAsync();
        return 0;

        static void CountReports()
        {
            while (Console.ReadLine() is not null)
                Console.WriteLine($"{Reports}{LoadReplica.TakeCount()}");
        }

        void OnJoined()
        {
            if (Interlocked.Increment(ref joined) == hosts * slots)
                Console.WriteLine(Ready);
        }
    }
}
