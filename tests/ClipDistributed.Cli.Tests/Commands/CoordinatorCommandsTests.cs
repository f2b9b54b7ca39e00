using System.Text.Json.Nodes;
using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ClipDistributed.TestKit.Records;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>What commands make of a coordinator's answers, and of none.</summary>
public sealed class CoordinatorCommandsTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Fact]
    public void RunList_NoCoordinator_SaysHowToStartOne()
    {
        var result = Clipd.Run(Folder, "run", "list", "--coordinator", "http://127.0.0.1:1");
        Assert.Equal(3, result.ExitCode);
        Assert.Equal(
            [
                "coordinator http://127.0.0.1:1 cannot be reached (connection refused); trying again for 5 s",
                "error: coordinator http://127.0.0.1:1 cannot be reached (connection refused); start one with clipd coordinator, or set "
                    + "--coordinator",
            ],
            result.ErrorLines
        );
    }

    [Fact]
    public void RunList_NoAddress_SaysWhatOneIs()
    {
        var result = Clipd.Run(Folder, "run", "list", "--coordinator", "ftp://localhost");
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            ["error: --coordinator is 'ftp://localhost'; give an address such as http://127.0.0.1:7071, or several, separated by commas."],
            result.ErrorLines
        );
    }

    [Fact]
    public async Task RunList_InAPipe_IsAligned()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Run.State = RunState.Pending;
        control.Run.Reason = "1 of 2 devices is free";
        var result = Clipd.Run(Folder, "run", "list", "--coordinator", control.Address);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            "run     state    step  loss   replicas  submitted  reason\ndemo-1  pending  2/2   1.500  0         3 min ago  1 of "
                + "2 devices is free\n",
            result.Output
        );
    }

    [Fact]
    public async Task RunList_AddressWithoutScheme_IsTaken()
    {
        await using var control = await ScriptedControl.StartAsync();
        Assert.Equal(0, Clipd.Run(Folder, "run", "list", "--coordinator", control.Address["http://".Length..]).ExitCode);
    }

    [Fact]
    public async Task RunListAndShow_AsJson_HaveTheNamesOfTheProto()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Run.Reason = "it's \u001b[31m late";
        control.Incidents.Add(
            new Incident
            {
                Number = 1,
                Kind = IncidentKind.HostLost,
                Opened = control.Run.Submitted,
                ReplicaIds = { "demo-1-r0" },
            }
        );

        var run = JsonNode.Parse(Clipd.Run(Folder, "run", "list", "-o", "json", "--coordinator", control.Address).Output)![0]!;
        var shown = JsonNode.Parse(
            Clipd.Run(Folder, "run", "show", "demo-1", "--output", "json", "--coordinator", control.Address).Output
        )!;

        Assert.Equal(
            Run.Descriptor.Fields.InDeclarationOrder().Select(field => field.Name),
            run.AsObject().Select(property => property.Key)
        );
        Assert.Equal(
            ("demo-1", 2L, 1.5, "it's \u001b[31m late"),
            ((string?)run["run_id"], (long)run["steps"]!, (double)run["loss"]!, (string?)run["reason"])
        );
        Assert.Null(run["started"]);
        Assert.True(JsonNode.DeepEquals(run, shown["run"]));
        Assert.Equal(
            ("host_lost", "demo-1-r0"),
            ((string?)shown["incidents"]![0]!["kind"], (string?)shown["incidents"]![0]!["replica_ids"]![0])
        );
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, "batch.global is 1\nno shards", 2, "error: batch.global is 1|error: no shards")]
    [InlineData(StatusCode.FailedPrecondition, "it has ended", 2, "error: it has ended")]
    [InlineData(StatusCode.Internal, "its disk is full", 1, "error: the coordinator could not do it: its disk is full; its log says more")]
    public async Task RunList_Refused_IsOneLineForEachProblem(StatusCode code, string detail, int exitCode, string expected)
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Refusal = new RpcException(new Status(code, detail));
        var result = Clipd.Run(Folder, "run", "list", "--coordinator", control.Address);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(expected.Split('|'), result.ErrorLines);
    }

    [Fact]
    public async Task Submit_TheFirstStandsBy_GoesToTheOneThatLeads()
    {
        await using var standby = await ScriptedControl.StartAsync();
        standby.Refusal = new RpcException(
            new Status(StatusCode.Unavailable, "this coordinator stands by"),
            new Metadata { { CoordinatorAddresses.NotServed, "1" } }
        );
        await using var leader = await ScriptedControl.StartAsync();
        string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), "name: demo\ndata: {train: [{path: data/train}]}\n");

        var result = Clipd.Run(folder, "submit", "spec.yaml", "--coordinator", $"{standby.Address},{leader.Address}");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal((null, "demo"), (standby.Submitted, leader.Submitted!.Spec.Name));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("--store Host=db;Password=geheim", "error: --store holds a password")]
    [InlineData("--store Host=db --state /tmp/none", "error: --state and --store exclude each other; give one of them.")]
    [InlineData(
        "--store Host=127.0.0.1;Port=1;Username=clipd",
        "error: PostgreSQL at 127.0.0.1:1, database clipd cannot be used (Connection refused"
    )]
    public void Coordinator_StoreCannotBeUsed_IsRefused(string arguments, string expected)
    {
        var result = Clipd.Run(Folder, ["coordinator", "--listen", "127.0.0.1:0", .. arguments.Split(' ')]);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(expected, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", result.Errors, StringComparison.Ordinal);
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
    public async Task Submit_RelativePaths_AreSentAsThisFolders()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Run.State = RunState.Pending;
        control.Run.Reason = "no host is connected";
        string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), "name: demo\ndata: {train: [{path: data/train}]}\n");

        var result = Clipd.Run(folder, "submit", "spec.yaml", "--set", "seed=7", "--resume", "--coordinator", control.Address);

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal(
            "replicas.max is ignored\nsubmitted demo as run demo-1\npending: no host is connected\nwatch it: clipd run watch demo-1\n",
            result.Output
        );
        Assert.True(control.Submitted!.Resume);
        Assert.Equal(7u, control.Submitted.Spec.Seed);
        Assert.Equal(Path.Combine(folder, "data", "train"), control.Submitted.Spec.Data.Train[0].Path);
        Assert.Equal(Path.Combine(folder, "runs", "demo"), control.Submitted.Spec.RunDirectory);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task RunWatch_BrokenStream_GoesOnBehindTheLastRecord()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Says(new RunRecord { Started = SampleRecords.Started(attempt: 1, step: 0, steps: 2) });
        control.Says(NoticeRecord.Of(1, "first notice"));
        control.Says(NoticeRecord.Of(2, "second notice"));
        control.BreakAfter = 2;

        var result = Clipd.Run(Folder, "run", "watch", "demo-1", "--coordinator", control.Address);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal([0, 2], control.WatchedAfter);
        Assert.Equal(
            [
                "attempt 1: 0.71 M parameters, global batch 512, micro-batch 256, 1 replica of 2 threads",
                "first notice",
                "second notice",
                "demo-1 succeeded · step 2 of 2 · last step's loss 1.500 · /runs/demo",
            ],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        );
        Assert.Contains("the link is gone", Assert.Single(result.ErrorLines));
    }

    /// <summary>For longer than the seconds for which other commands try.</summary>
    [Theory]
    [InlineData("run watch demo-1")]
    [InlineData("submit spec.yaml --watch")]
    public async Task RunWatch_CoordinatorIsAwayForLong_KeepsTrying(string command)
    {
        string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), "name: demo\ndata: {train: [{path: data/train}]}\n");
        var first = await ScriptedControl.StartAsync();
        first.Run.State = RunState.Running;
        first.Silent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string address = first.Address;
        var watching = Task.Run(() => Clipd.Run(folder, [.. command.Split(' '), "--coordinator", address]));
        await first.Silent.Task;
        await first.DisposeAsync();
        await ComesBackAsync(address, watching);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The run may go on without it.</summary>
    [Fact]
    public async Task RunWatch_CoordinatorIsAwayFromTheBeginning_KeepsTrying()
    {
        var gone = await ScriptedControl.StartAsync();
        await gone.DisposeAsync();
        await ComesBackAsync(gone.Address, Task.Run(() => Clipd.Run(Folder, "run", "watch", "demo-1", "--coordinator", gone.Address)));
    }

    [Fact]
    public async Task RunList_States_AreAskedFor()
    {
        await using var control = await ScriptedControl.StartAsync();
        var none = Clipd.Run(Folder, "run", "list", "--state", "failed,stopped", "--state", "Running", "--coordinator", control.Address);
        Assert.Equal((0, "no runs in these states; clipd run list shows all\n"), (none.ExitCode, none.Output));
        Assert.Equal([RunState.Failed, RunState.Stopped, RunState.Running], control.Listed!.States);
        var refused = Clipd.Run(Folder, "run", "list", "--state", "dancing", "--coordinator", control.Address);
        Assert.Equal(
            (
                2,
                "error: --state is 'dancing'; use pending, starting, running, stopping, stopped, succeeded, failed, cancelled, "
                    + "recovering, waiting."
            ),
            (refused.ExitCode, Assert.Single(refused.ErrorLines))
        );
    }

    [Fact]
    public async Task RunList_EndedRun_ShowsTheReplicasThatItHad()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Run.ReplicaCount = 4;
        Assert.Matches(@"demo-1 +succeeded +2/2 +1\.500 +4 ", Clipd.Run(Folder, "run", "list", "--coordinator", control.Address).Output);
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

    [Fact]
    public async Task HostList_LostHost_IsShownWithItsAge()
    {
        await using var control = await ScriptedControl.StartAsync();
        var gone = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(-3.5));
        control.Hosts.Add(
            new Host
            {
                Name = "a",
                Version = "0.1.0",
                Connected = gone,
                Lost = gone,
                Devices =
                {
                    new HostDevice { Device = "cpu:0", Name = "a processor" },
                },
            }
        );
        string output = Clipd.Run(Folder, "host", "list", "--coordinator", control.Address).Output;
        Assert.Contains("lost 3 min ago", output, StringComparison.Ordinal);
        Assert.Matches(@"a processor +- *\n", output);
    }

    [Fact]
    public void Coordinator_RebuildOfNothing_IsRefused()
    {
        var result = Clipd.Run(Folder, "coordinator", "--listen", "127.0.0.1:0", "--rebuild", "/none/at/all");
        Assert.Equal(
            (2, "error: --rebuild: /none/at/all does not exist; name run directories, or a folder of them."),
            (result.ExitCode, Assert.Single(result.ErrorLines))
        );
    }

    [Theory]
    [InlineData(RunState.Stopped, 75)]
    [InlineData(RunState.Failed, 1)]
    [InlineData(RunState.Cancelled, 1)]
    [InlineData(RunState.Running, 3)] // the coordinator ended the watch too early
    public async Task RunWatch_EndOfARun_IsTheExitCode(RunState state, int exitCode)
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Run.State = state;
        Assert.Equal(exitCode, Clipd.Run(Folder, "run", "watch", "demo-1", "--coordinator", control.Address).ExitCode);
    }

    private static async Task ComesBackAsync(string address, Task<ClipdResult> watching)
    {
        await Task.WhenAny(watching, Task.Delay(TimeSpan.FromSeconds(8))); // without that, it would give up after five
        Assert.False(watching.IsCompleted);
        await using var second = await ScriptedControl.StartAsync(new Uri(address).Port);
        var result = await watching;
        Assert.Equal(0, result.ExitCode);
        string line = "a run goes on without it; trying again until it answers; Ctrl-C ends that, and clipd run watch demo-1 looks again";
        Assert.Contains(line, result.Errors, StringComparison.Ordinal);
    }
}
