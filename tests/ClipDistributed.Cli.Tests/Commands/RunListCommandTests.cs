using System.Text.Json.Nodes;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.TestKit.Processes;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd run list</c>, and what commands say when no coordinator answers.</summary>
public sealed class RunListCommandTests
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
    public async Task RunList_States_AreAskedFor()
    {
        await using var control = await ScriptedControl.StartAsync();
        var none = Clipd.Run(Folder, "run", "list", "--state", "failed,stopped", "--state", "Running", "--coordinator", control.Address);
        Assert.Equal((0, "no such runs; clipd run list shows all\n"), (none.ExitCode, none.Output));
        Assert.Equal([RunState.Failed, RunState.Stopped, RunState.Running], control.Listed!.States);
        var refused = Clipd.Run(Folder, "run", "list", "--state", "dancing", "--coordinator", control.Address);
        Assert.Equal(
            (
                2,
                "error: --state is 'dancing'; use pending, starting, running, stopping, stopped, succeeded, failed, cancelled, "
                    + "recovering, waiting, pausing, paused, preempted."
            ),
            (refused.ExitCode, refused.ErrorLines[0])
        );
    }

    [Fact]
    public async Task RunList_CoordinatorHangsForLong_IsGivenUp()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Hangs = Task.Delay(Timeout.InfiniteTimeSpan);
        var time = new FakeTimeProvider();
        using var client = new CoordinatorClient(new CoordinatorTarget(control.Address, new TlsFiles()), time);
        var asking = client.AskAsync(service => service.ListRunsAsync(new ListRunsRequest()));
        for (int i = 0; i < 200 && !asking.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }
        var given = await Assert.ThrowsAsync<CoordinatorException>(() => asking.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(3, given.ExitCode);
        Assert.StartsWith(
            $"coordinator {control.Address} has taken the call and not answered within 60 s", given.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunList_InPages_ShowsAllOfThem()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.RunsOneByOne = true;
        control.OtherRuns.AddRange([new Run { RunId = "demo-2" }, new Run { RunId = "demo-3" }]);
        var runs = JsonNode.Parse(Clipd.Run(Folder, "run", "list", "-o", "json", "--coordinator", control.Address).Output)!;
        Assert.Equal(["demo-1", "demo-2", "demo-3"], runs.AsArray().Select(run => (string?)run!["run_id"]));
    }

    [Fact]
    public async Task RunList_EndedRun_HasNoReplicas()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Run.ReplicaCount = 4;
        Assert.Matches(@"demo-1 +succeeded +2/2 +1\.500 +- ", Clipd.Run(Folder, "run", "list", "--coordinator", control.Address).Output);
        var shown = Clipd.Run(Folder, "run", "show", "demo-1", "--coordinator", control.Address);
        Assert.DoesNotMatch("(?m)^replicas +4", shown.Output);
    }
}
