using System.Globalization;
using ClipDistributed.TestKit.Logs;

namespace ClipDistributed.Benchmarks.Chaos.Outages;

/// <summary>
/// The wall clock of the coordinator and of host a jumps an hour ahead, and back in the end; host b keeps the right time. A
/// replica dies right after both jumps, because what is done about it goes by clocks. Needs libfaketime.
/// </summary>
internal sealed class SetClock() : Outage("clock")
{
    private string? clock;

    private static string Library { get; } = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    public override string? Missing => File.Exists(Library) ? null : $"{Library} is missing (apt install faketime)";

    public override ClusterSettings Prepare(string folder)
    {
        clock = Path.Combine(folder, "clock");
        Set("+0");
        var faked = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Library,
            ["FAKETIME_TIMESTAMP_FILE"] = clock,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            ["DONT_FAKE_MONOTONIC"] = "1",
            ["FAKETIME_DONT_RESET"] = "1",
        };
        return new ClusterSettings { Variables = process => process is "coordinator" or "a" ? faked : new Dictionary<string, string>() };
    }

    public override string? Incident => "coordinator";

    public override void Begin(ChaosCluster cluster) => Jump(cluster, "+3600");

    public override void End(ChaosCluster cluster) => Jump(cluster, "+0");

    /// <summary>The coordinator has logged with both times.</summary>
    public override string? Lacking(IReadOnlyList<LoggedEvent> logged)
    {
        var moments = logged
            .Where(one => one["@t"] != "")
            .Select(one => DateTime.Parse(one["@t"], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal))
            .ToList();
        int back = moments.Zip(moments.Skip(1)).Count(pair => pair.First - pair.Second > TimeSpan.FromMinutes(30));
        return back > 0 ? null : $"none of {moments.Count} events of the coordinator's log is earlier than the one before";
    }

    private void Jump(ChaosCluster cluster, string offset)
    {
        Set(offset);
        cluster.KillReplica(cluster.Replicas[^1]);
    }

    // In one go, for it is read at any time.
    private void Set(string offset)
    {
        File.WriteAllText($"{clock}.new", $"{offset}\n");
        File.Move($"{clock}.new", clock!, overwrite: true);
    }
}
