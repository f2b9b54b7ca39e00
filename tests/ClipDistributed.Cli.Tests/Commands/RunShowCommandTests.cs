using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Processes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd run show</c>, and other commands that take a run by name.</summary>
public sealed class RunShowCommandTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Theory]
    [InlineData(0, "", null)]
    [InlineData(1, "", "preempted   1 time")]
    [InlineData(2, "demo-7", "preempted   2 times, now by demo-7")]
    public async Task RunShow_Preempted_SaysHowOftenAndByWhom(int count, string by, string? line)
    {
        await using var control = await ScriptedControl.StartAsync();
        (control.Run.Preemptions, control.Run.PreemptedBy) = (count, by);
        string[] lines = Clipd.Run(Folder, "run", "show", "demo-1", "--coordinator", control.Address).Output.Split('\n');
        Assert.Equal(line, lines.FirstOrDefault(one => one.StartsWith("preempted", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task RunShow_Incidents_TheNewestAreShown()
    {
        await using var control = await ScriptedControl.StartAsync();
        (control.Run.UsefulSeconds, control.Run.WallSeconds, control.Run.Generation) = (312.04, 405.8, 6);
        for (int number = 1; number <= 6; number++)
        {
            control.Incidents.Add(
                new Incident
                {
                    Number = number,
                    Kind = number == 5 ? IncidentKind.ReplicaJoined : IncidentKind.ReplicaLost,
                    Opened = control.Run.Submitted,
                    Generation = number,
                    Evidence =
                        $"replica demo-1-r{number} on host b was ended by signal 6 (SIGABRT) at step {10 * number}: free(): "
                        + $"invalid pointer",
                    Action = $"generation {number + 1} with 3 replicas after step {10 * number}",
                    SecondsLost = number == 4 ? 75 : 1.25,
                    StepsRecomputed = 1,
                }
            );
        }
        control.Incidents[5].ClearSecondsLost();
        control.Incidents[5].Action = "";

        string[] lines = Clipd.Run(Folder, "run", "show", "demo-1", "--coordinator", control.Address).Output.Split('\n');

        Assert.Contains("goodput     77 %, 5 min 12 s of 6 min 45 s in steps that count", lines);
        Assert.Equal(
            [
                "incidents   6: 1 min 20 s lost, 6 steps recomputed, 0 samples repeated",
                "  2 older not shown; --incidents shows all, in full",
                "  when       what                  lost  recomputed  then",
                "  3 min ago  replica lost         1.2 s           1  generation 4 with 3 replicas after step 30",
                "      replica demo-1-r3 on host b was ended by signal 6 (SIGABRT) at step 30: free(): invalid pointer",
                "  3 min ago  replica lost    1 min 15 s           1  generation 5 with 3 replicas after step 40",
            ], lines.SkipWhile(line => !line.StartsWith("incidents", StringComparison.Ordinal)).Take(6));
        Assert.Equal("  3 min ago  replica lost        so far           1  nothing yet", lines[^3]);
        control.Incidents[0].Opened = new DateTime(2026, 11, 30, 3, 4, 5, DateTimeKind.Utc).ToTimestamp();
        control.Incidents[0].Closed = new DateTime(2026, 11, 30, 3, 4, 9, DateTimeKind.Utc).ToTimestamp();
        string all = Clipd.Run(Folder, "run", "show", "demo-1", "--incidents", "--coordinator", control.Address).Output;
        Assert.Contains("at step 10: free(): invalid pointer", all);
        Assert.Contains(
            "  2026-11-30 03:04:05Z  replica lost         1.2 s           1  generation 2 with 3 replicas after step 10\n  "
                + "2026-11-30 03:04:09Z  over\n",
            all,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task RunShow_NarrowTerminal_WrapsIncidents()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Incidents.Add(
            new Incident
            {
                Kind = IncidentKind.ReplicaLost,
                Opened = control.Run.Submitted,
                SecondsLost = 1.2,
                Action = "generation 2 with 3 replicas after step 10",
                Evidence = "replica demo-1-r3 on host b was ended by signal 6 (SIGABRT) at step 30: free(): invalid pointer",
            }
        );
        string shown = Clipd.RunOnTerminal(Folder, 60, "run", "show", "demo-1", "--coordinator", control.Address).Output;
        string incidents = string.Join(
            ' ',
            shown[shown.IndexOf("incidents", StringComparison.Ordinal)..].Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries)
        );
        Assert.Contains("was ended by signal 6 (SIGABRT) at step 30: free(): invalid pointer", incidents, StringComparison.Ordinal);
        Assert.DoesNotContain("…", incidents, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("checkpoint", "list")]
    [InlineData("run", "verify")]
    public async Task Run_NeitherFolderNorRun_IsBadInput(string noun, string verb)
    {
        await using var control = await ScriptedControl.StartAsync();
        var result = Clipd.Run(Folder, noun, verb, "nosuch", "--coordinator", control.Address);
        Assert.Equal(
            (2, "error: there is no folder nosuch and no run of that name; clipd run list shows all."),
            (result.ExitCode, Assert.Single(result.ErrorLines))
        );
    }

    [Fact]
    public async Task RunShow_UnknownRun_IsBadInput()
    {
        await using var control = await ScriptedControl.StartAsync();
        var result = Clipd.Run(Folder, "run", "show", "demo-9", "--coordinator", control.Address);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(["error: there is no run demo-9; clipd run list shows them"], result.ErrorLines);
    }

    [Fact]
    public async Task RunDelete_Run_SaysWhatStays()
    {
        await using var control = await ScriptedControl.StartAsync();
        var result = Clipd.Run(Folder, "run", "delete", "demo-1", "--coordinator", control.Address);
        Assert.Equal((0, "demo-1 is deleted; its directory stays: /runs/demo\n"), (result.ExitCode, result.Output));
        control.Refusal = new RpcException(new Status(StatusCode.FailedPrecondition, "run demo-1 is running"));
        Assert.Equal(2, Clipd.Run(Folder, "run", "delete", "demo-1", "--coordinator", control.Address).ExitCode);
    }
}
