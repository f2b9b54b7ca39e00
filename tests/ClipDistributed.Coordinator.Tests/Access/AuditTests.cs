using System.Net;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Control.Lists;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Access;

/// <summary>Who, from where, what, and with which result.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task Changes_ByTokens_AreListedWithTheirOwnersTargetsAndResults()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string text = await coordinator.TokenAsync(Role.Operator, owner: "ann");
        string viewer = await coordinator.TokenAsync(Role.Viewer, owner: "bob");
        using (var channel = coordinator.Open(text))
        {
            var ann = new ControlService.ControlServiceClient(channel);
            string runId = (await ann.SubmitJobAsync(new SubmitJobRequest { Spec = coordinator.Spec() })).RunId;
            await ann.ListRunsAsync(new ListRunsRequest()); // changes nothing
            await ann.CancelRunAsync(new CancelRunRequest { RunId = runId });
            await RefusedAsync(ann.StopRunAsync(new StopRunRequest { RunId = "demo-9" }), StatusCode.NotFound);
        }
        using (var channel = coordinator.Open(viewer))
            await RefusedAsync(
                new ControlService.ControlServiceClient(channel).CancelRunAsync(new CancelRunRequest { RunId = "demo-1" }),
                StatusCode.PermissionDenied);

        var (annId, bobId) = (TokenText.TryParse(text)!.Value.Id, TokenText.TryParse(viewer)!.Value.Id);
        string local = $"{Environment.UserName}@{Environment.MachineName}";
        var entries = await ListAsync(coordinator);
        Assert.Equal(
            [
                ("bob", Role.Viewer, "CancelRun", "demo-1", "PERMISSION_DENIED"),
                ("ann", Role.Operator, "StopRun", "demo-9", "NOT_FOUND"),
                ("ann", Role.Operator, "CancelRun", "demo-1", "OK"),
                ("ann", Role.Operator, "SubmitJob", "demo-1", "OK"),
                (local, Role.Admin, "CreateToken", bobId, "OK"),
                (local, Role.Admin, "CreateToken", annId, "OK"),
            ],
            entries.Select(entry => (entry.Owner, entry.Role, entry.Verb, entry.Target, entry.Result)));
        Assert.All(entries, entry => Assert.Equal("127.0.0.1", entry.Address));
        Assert.Equal(annId, entries[1].TokenId);
        Assert.Equal(
            ["CancelRun", "CancelRun", "SubmitJob"],
            (await ListAsync(coordinator, new ListAuditEntriesRequest { Target = "demo-1" })).Select(entry => entry.Verb));
    }

    /// <summary>What it was about is read of a call that may not be made, and nothing else; a body that says nothing is refused too.
    /// </summary>
    [Fact]
    public async Task Changes_Denied_NameTheirTargetHoweverTheyCame()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        string viewer = await coordinator.TokenAsync(Role.Viewer, owner: "bob");
        using var channel = coordinator.Open(viewer);
        var bob = new ControlService.ControlServiceClient(channel);
        await RefusedAsync(bob.DrainHostAsync(new DrainHostRequest { Name = "a" }), StatusCode.PermissionDenied);
        await RefusedAsync(bob.StopRunAsync(new StopRunRequest { RunId = new string('x', 5_000) }), StatusCode.PermissionDenied);
        await RefusedAsync(bob.SubmitJobAsync(new SubmitJobRequest { Spec = coordinator.Spec() }), StatusCode.PermissionDenied);
        using var http = coordinator.Http(viewer);
        using var stopped = await http.PostAsync("/v1/runs/demo-7:stop", null);
        using var pinned = await http.PostAsync("/v1/runs/demo-8/checkpoints/3:pin", null);
        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.Forbidden], [stopped.StatusCode, pinned.StatusCode]);
        Assert.Equal(
            [("PinCheckpoint", "demo-8"), ("StopRun", "demo-7"), ("SubmitJob", ""), ("StopRun", ""), ("DrainHost", "a")],
            (await ListAsync(coordinator, new ListAuditEntriesRequest { Owner = "bob" })).Select(entry => (entry.Verb, entry.Target)));
    }

    [Fact]
    public async Task List_Times_ChooseEntries()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await RefusedAsync(coordinator.Control.StopRunAsync(new StopRunRequest { RunId = "demo-1" }), StatusCode.NotFound);
        var (past, future) = (DateTime.UtcNow.AddHours(-1).ToTimestamp(), DateTime.UtcNow.AddHours(1).ToTimestamp());
        Assert.Single(await ListAsync(coordinator, new ListAuditEntriesRequest { TimeSince = past, TimeBefore = future }));
        Assert.Empty(await ListAsync(coordinator, new ListAuditEntriesRequest { TimeSince = future }));
        Assert.Empty(await ListAsync(coordinator, new ListAuditEntriesRequest { TimeBefore = past }));
        await RefusedAsync(
            Admin(coordinator).ListAuditEntriesAsync(new ListAuditEntriesRequest { TimeSince = future, TimeBefore = past }),
            StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task Changes_WithValues_AreListedWithThem()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec(max: 2);
        spec.Checkpoint = new CheckpointSpec { Location = "s3://key:secret@bucket/runs" };
        await RefusedAsync(
            coordinator.Control.SubmitJobAsync(new SubmitJobRequest { Spec = spec, RequestId = "mine" }), StatusCode.InvalidArgument);
        spec.Checkpoint = null;
        string runId = (await coordinator.Control.SubmitJobAsync(new SubmitJobRequest { Spec = spec })).RunId;
        await coordinator.Control.ScaleRunAsync(new ScaleRunRequest { RunId = runId, MinReplicas = 1, MaxReplicas = 3 });
        await coordinator.TokenAsync(Role.Host, owner: "rack 7", host: "a");
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        string submitted = $"spec.name=\"demo\", spec.run_directory=\"{spec.RunDirectory}\"";
        Assert.Equal(
            [
                ("CancelRun", ""), ("CreateToken", "role=Host, owner=\"rack 7\", host=\"a\""),
                ("ScaleRun", "min_replicas=1, max_replicas=3"),
                ("SubmitJob", submitted), ("SubmitJob", submitted),
            ],
            (await ListAsync(coordinator)).Select(entry => (entry.Verb, entry.Values)));
        await coordinator.Log.UntilAsync("Audited", ("Target", runId), ("Values", " (min_replicas=1, max_replicas=3)"));
    }

    [Fact]
    public async Task LogIns_Refused_AreListedUpToTheirBoundAndThenRefusedUnheard()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with
        {
            Limits = new CoordinatorLimits { FailedLogIns = 3, FailedLogInPeriod = TimeSpan.FromHours(1) },
        });
        var wrong = TokenText.New();
        using var channel = coordinator.Open(wrong.Text);
        var stranger = new ControlService.ControlServiceClient(channel);
        for (int i = 0; i < 3; i++)
            await RefusedAsync(stranger.ListRunsAsync(new ListRunsRequest()), StatusCode.Unauthenticated);
        for (int i = 0; i < 3; i++)
            await RefusedAsync(stranger.ListRunsAsync(new ListRunsRequest()), StatusCode.ResourceExhausted);
        Assert.Equal(
            Enumerable.Repeat(("", wrong.Id, "ListRuns", "UNAUTHENTICATED"), 3), // and who has a valid token is let in
            (await ListAsync(coordinator)).Select(entry => (entry.Owner, entry.TokenId, entry.Verb, entry.Result)));
    }

    [Fact]
    public async Task Hellos_ForgedAndReplayed_AreListed()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await GreetAsync(replica.Launch, StatusCode.Aborted); // the same bytes again
        await GreetAsync(new LaunchReplica(replica.Launch) { Secret = ByteString.CopyFrom(new byte[32]) }, StatusCode.PermissionDenied);
        Assert.Equal(
            [("", "Connect", replica.Id, "PERMISSION_DENIED"), ("", "Connect", replica.Id, "ABORTED")],
            (await ListAsync(coordinator, new ListAuditEntriesRequest { Target = replica.Id }))
                .Select(entry => (entry.Owner, entry.Verb, entry.Target, entry.Result)));

        async Task GreetAsync(LaunchReplica launch, StatusCode expected)
        {
            var forged = await ScriptedReplica.ConnectAsync(coordinator.Channel, host, launch, new ScriptedHello(0));
            Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(forged.CallAsync)).StatusCode);
        }
    }

    /// <summary>Another coordinator reads what the one before has written, and old entries make way for new ones.</summary>
    [Fact]
    public async Task Entries_MoreThanTheBound_TheOldestAreGone()
    {
        var first = await TestCoordinator.StartAsync(options => options with { Limits = new CoordinatorLimits { AuditEntries = 20 } });
        for (int i = 0; i < 50; i++)
            await RefusedAsync(first.Control.StopRunAsync(new StopRunRequest { RunId = $"demo-{i}" }), StatusCode.NotFound);
        await using var second = await first.RestartAsync();
        var entries = await ListAsync(second);
        Assert.InRange(entries.Count, 20, 21);
        Assert.Equal("demo-49", entries[0].Target);
        Assert.Equal(entries.Select(entry => entry.Target), Enumerable.Range(0, entries.Count).Select(i => $"demo-{49 - i}"));
    }

    /// <summary>Neither a viewer who tries too much nor a stranger who guesses tokens can push out what the other, or changes, left.
    /// </summary>
    [Theory]
    [InlineData("viewer")]
    [InlineData("stranger")]
    public async Task Entries_FloodOfOneKind_DisplacesNoOther(string flood)
    {
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with { Limits = new CoordinatorLimits { AuditEntries = 20, FailedLogIns = 1_000 } });
        using var viewer = coordinator.Open(await coordinator.TokenAsync(Role.Viewer, owner: "bob"));
        using var stranger = coordinator.Open(TokenText.New().Text);
        await StopAsync(viewer, StatusCode.PermissionDenied);
        await StopAsync(stranger, StatusCode.Unauthenticated);
        for (int i = 0; i < 50; i++)
            await (flood == "viewer" ? StopAsync(viewer, StatusCode.PermissionDenied) : StopAsync(stranger, StatusCode.Unauthenticated));
        var entries = await ListAsync(coordinator);
        int other = flood == "viewer" ? entries.Count(entry => entry.Owner == "") : entries.Count(entry => entry.Owner == "bob");
        Assert.Equal((1, 1), (other, entries.Count(entry => entry.Result == "OK")));
        Assert.InRange(entries.Count, 22, 23);

        static Task StopAsync(ChannelBase channel, StatusCode expected) =>
            RefusedAsync(new ControlService.ControlServiceClient(channel).StopRunAsync(new StopRunRequest()), expected);
    }

    [Fact]
    public async Task List_Pages_HaveEachEntryOnce()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        for (int i = 0; i < 7; i++)
            await RefusedAsync(coordinator.Control.StopRunAsync(new StopRunRequest { RunId = $"demo-{i}" }), StatusCode.NotFound);
        foreach (string order in (string[])["", "time"])
        {
            var found = new List<string>();
            var request = new ListAuditEntriesRequest { PageSize = 3, OrderBy = order };
            do
            {
                var page = await Admin(coordinator).ListAuditEntriesAsync(request);
                Assert.InRange(page.Entries.Count, 1, 3);
                found.AddRange(page.Entries.Select(entry => entry.Target));
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken != "");
            var expected = Enumerable.Range(0, 7).Select(i => $"demo-{i}");
            Assert.Equal(order == "" ? expected.Reverse() : expected, found);
        }
        foreach (string token in (string[])["x", new PageToken("time True \n").Write("seven")]) // as the second it can be forged
            await RefusedAsync(
                Admin(coordinator).ListAuditEntriesAsync(new ListAuditEntriesRequest { PageToken = token }), StatusCode.InvalidArgument);
    }

    private static AdminService.AdminServiceClient Admin(TestCoordinator coordinator) => new(coordinator.Channel);

    private static async Task<IReadOnlyList<AuditEntry>> ListAsync(TestCoordinator coordinator, ListAuditEntriesRequest? request = null) =>
        (await Admin(coordinator).ListAuditEntriesAsync(request ?? new ListAuditEntriesRequest())).Entries;

    private static async Task RefusedAsync<T>(AsyncUnaryCall<T> call, StatusCode expected) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
}
