using System.Text;
using System.Text.RegularExpressions;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Every list and show on terminals of some widths: each number of a wide one is there, or its whole column is named as left
/// out.</summary>
public sealed partial class NarrowTerminalTests : IAsyncLifetime
{
    private static readonly int[] Widths = [40, 60, 80];

    private static readonly string Folder = Path.GetTempPath();
    private ScriptedControl control = null!;

    public async ValueTask InitializeAsync()
    {
        control = await ScriptedControl.StartAsync();
        var run = control.Run;
        (run.State, run.Reason, run.Step, run.Steps, run.Generation) = (
            RunState.Running,
            "some hosts are far away and 中文 slow, so that it takes a while",
            1_234_567,
            9_876_543,
            77
        );
        (run.WallSeconds, run.UsefulSeconds, run.RunDirectory) = (12_345, 11_111, $"/data/{new string('x', 70)}/runs/demo");
        control.Hosts.Add(GpuNode());
        for (int i = 0; i < 12; i++)
        {
            control.Hosts.Add(
                new Host
                {
                    Name = i == 3 ? "a-host-whose-name-is-as-long-as-a-name-may-be-in-this-network-36" : $"host-{i}",
                    Version = "0.1.0+50b76b5",
                    MemoryBytes = (23 + i) * (1L << 30),
                    Connected = control.Run.Submitted,
                    Devices = { Used(i, 0), Used(i, 1) },
                }
            );
            run.Replicas.Add(
                new RunReplica
                {
                    Rank = i,
                    ReplicaId = $"demo-1-r{i}",
                    Host = $"host-{i} 🖥",
                    Share = 256,
                    Step = 1_234_567,
                    ResidentBytes = 3L << 30,
                }
            );
            control.OtherRuns.Add(
                new Run
                {
                    RunId = $"run-of-{i}-🐈",
                    State = RunState.Failed,
                    Step = 100 * i,
                    Steps = 4883,
                    Loss = 1.2345 + i,
                    Submitted = run.Submitted,
                    ReplicaCount = 16,
                }
            );
            control.Jobs.Add(
                new Job
                {
                    JobId = $"job-{i}",
                    Name = $"name-{i}",
                    Submitted = run.Submitted,
                    RunIds = { $"job-{i}-1", $"job-{i}-2" },
                    Spec = new TrainingSpec { RunDirectory = $"/runs/中文-{i}" },
                }
            );
            control.Incidents.Add(
                new Incident
                {
                    Kind = IncidentKind.HostLost,
                    Opened = run.Submitted,
                    SecondsLost = 100 + i,
                    StepsRecomputed = i,
                    Action = "generation began",
                    Evidence = "no heartbeat came from it",
                }
            );
        }
    }

    private static Host GpuNode()
    {
        var host = new Host { Name = "gpu-node", Version = "0.1.0", MemoryBytes = 2L << 40 };
        for (int i = 0; i < 8; i++)
            host.Devices.Add(
                new HostDevice
                {
                    Device = $"cuda:{i}",
                    Name = "NVIDIA H100 80GB HBM3",
                    ReplicaId = $"demo-1-r{i + 20}",
                    RunId = "demo-1",
                    Uuid = $"GPU-0000000{i}-1d2e-3f40-5162-738495a6b7c8",
                    MemoryBytes = 81559L << 20,
                    FreeMemoryBytes = (71000L + 1000 * i) << 20,
                    TemperatureCelsius = 60 + i,
                }
            );
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await control.DisposeAsync();
    }

    [Theory]
    [InlineData("run list")]
    [InlineData("run show demo-1")]
    [InlineData("host list")]
    [InlineData("job list")]
    public void List_NarrowTerminal_CutsNoNumber(string command)
    {
        string[] arguments = [.. command.Split(' '), "--coordinator", control.Address];
        string piped = Clipd.Run(Folder, arguments).Output, wide = Clipd.RunOnTerminal(Folder, 200, arguments).Output;
        foreach (int width in Widths)
        {
            var narrow = Clipd.RunOnTerminal(Folder, width, arguments);
            Assert.Equal(0, narrow.ExitCode);
            AssertNumbers(wide, narrow.Output);
            AssertNumbers(piped, narrow.Output, isSubset: true);
        }
    }

    private static void AssertNumbers(string wide, string narrow, bool isSubset = false)
    {
        var leftOut = LeftOut().Match(narrow) is { Success: true } note
            ? note.Groups[1].Value.ReplaceLineEndings(" ").Split(", ").Select(name => name.Trim()).ToHashSet()
            : [];
        var known = Numbers(wide);
        var shown = Numbers(LeftOut().Replace(narrow, ""));
        Assert.Subset(known, shown);
        if (!isSubset)
            Assert.Empty(Numbers(Without(wide, leftOut)).Except(shown));
    }

    private static HashSet<string> Numbers(string text) => [.. Number().Matches(text).Select(number => number.Value)];

    /// <summary>The text without those columns of its tables.</summary>
    private static string Without(string text, HashSet<string> headers)
    {
        var kept = new StringBuilder();
        List<(int From, int To)> hidden = [];
        foreach (string line in text.Split('\n'))
        {
            var titles = Title().Matches(line);
            if (headers.Count > 0 && titles.Count(title => headers.Contains(title.Value)) == headers.Count)
                hidden =
                [
                    .. titles.Index().Where(title => headers.Contains(title.Item.Value)).Select(title => Place(titles, title.Index, line)),
                ];
            int column = 0;
            foreach (var rune in line.EnumerateRunes())
            {
                if (!hidden.Exists(place => column >= place.From && column < place.To))
                    kept.Append(rune);
                column += CellText.Width(rune.ToString());
            }
            kept.Append('\n');
        }
        return kept.ToString();
    }

    private static (int From, int To) Place(MatchCollection titles, int at, string line) =>
        (titles[at].Index, at + 1 < titles.Count ? titles[at + 1].Index : line.Length + 1000);

    private static HostDevice Used(int host, int device) =>
        new()
        {
            Device = $"cpu:{device}",
            Name = $"1 of {host + 20} processors",
            ReplicaId = $"demo-1-r{host}",
            RunId = "demo-1",
        };

    [GeneratedRegex(@"[0-9]+([.,:/][0-9]+)*")]
    private static partial Regex Number();

    [GeneratedRegex(@"\(too narrow for: ([^)]+)\)")]
    private static partial Regex LeftOut();

    [GeneratedRegex(@"\S+( \S+)*")]
    private static partial Regex Title();
}
