using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Control.Lists;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control.Lists;

public sealed class ListFiltersTests
{
    [Fact]
    public async Task ListJobs_NameAndTimes_AreThoseAskedFor()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        foreach (string name in (string[])["demo", "demo-large", "other"])
            await coordinator.SubmitAsync(coordinator.Spec(name: name));
        var times = (await coordinator.Control.ListJobsAsync(new ListJobsRequest { OrderBy = "submitted" })).Jobs
            .Select(job => job.Submitted).ToList();

        Assert.Equal(["demo-large", "demo"], await JobsAsync(new ListJobsRequest { NamePrefix = "demo" }));
        Assert.Empty(await JobsAsync(new ListJobsRequest { NamePrefix = "Demo" }));
        Assert.Equal(["other", "demo-large"], await JobsAsync(new ListJobsRequest { SubmittedSince = times[1] }));
        Assert.Equal(["demo"], await JobsAsync(new ListJobsRequest { SubmittedBefore = times[1] }));
        Assert.Equal(
            ["demo-large"],
            await JobsAsync(new ListJobsRequest { SubmittedSince = times[1], SubmittedBefore = times[2], NamePrefix = "demo" }));
        var runs = await coordinator.Control.ListRunsAsync(new ListRunsRequest { SubmittedSince = times[1], SubmittedBefore = times[2] });
        Assert.Equal("demo-large-1", Assert.Single(runs.Runs).RunId);

        using var client = coordinator.Http();
        string since = Uri.EscapeDataString(times[2].ToDateTime().ToString("O"));
        string found = await client.GetStringAsync($"/v1/jobs?submittedSince={since}");
        Assert.Contains("\"other\"", found, StringComparison.Ordinal);
        Assert.DoesNotContain("demo", found, StringComparison.Ordinal);

        async Task<IEnumerable<string>> JobsAsync(ListJobsRequest request) =>
            (await coordinator.Control.ListJobsAsync(request)).Jobs.Select(job => job.JobId);
    }

    public static TheoryData<Timestamp?, Timestamp?, string> Ranges => new()
    {
        { At(5), At(5), "submitted_before" },
        { At(6), At(5), "submitted_before" },
        { new Timestamp { Seconds = long.MaxValue }, null, "submitted_since" },
        { null, new Timestamp { Nanos = -1 }, "submitted_before" },
    };

    [Theory, MemberData(nameof(Ranges))]
    public async Task List_TimesThatCannotBe_AreRefusedByTheirField(Timestamp? since, Timestamp? before, string field)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var jobs = new ListJobsRequest { SubmittedSince = since, SubmittedBefore = before };
        var runs = new ListRunsRequest { SubmittedSince = since, SubmittedBefore = before };
        foreach (var call in (Func<Task>[])
            [async () => await coordinator.Control.ListJobsAsync(jobs), async () => await coordinator.Control.ListRunsAsync(runs)])
        {
            var refused = await Assert.ThrowsAsync<RpcException>(call);
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Assert.Equal(field, Assert.Single(refused.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations).Field);
        }
    }

    [Fact]
    public async Task List_NextPageOfAnotherFilter_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.HostAsync("a");
        await coordinator.HostAsync("b");
        foreach (string name in (string[])["demo", "demo-large"])
            await coordinator.SubmitAsync(coordinator.Spec(name: name));
        var jobs = new ListJobsRequest { NamePrefix = "demo", PageSize = 1 };
        jobs.PageToken = (await coordinator.Control.ListJobsAsync(jobs)).NextPageToken;
        Assert.Single((await coordinator.Control.ListJobsAsync(jobs)).Jobs);
        jobs.NamePrefix = "d";
        var hosts = new ListHostsRequest { States = { HostState.Ready }, PageSize = 1 };
        hosts.PageToken = (await coordinator.Control.ListHostsAsync(hosts)).NextPageToken;
        Assert.Equal("b", Assert.Single((await coordinator.Control.ListHostsAsync(hosts)).Hosts).Name);
        hosts.States.Clear();
        await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Control.ListJobsAsync(jobs));
        await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Control.ListHostsAsync(hosts));
    }

    [Fact]
    public void Hosts_OfEachState_AreTold()
    {
        var hosts = new Host[]
        {
            new() { Name = "ready" },
            new() { Name = "drained", Drained = true },
            new() { Name = "both", Drained = true, Quarantine = "lost five replicas" },
            new() { Name = "lost", Drained = true, Lost = At(1) },
        };
        Assert.Equal(["ready"], Of(HostState.Ready));
        Assert.Equal(["drained", "both"], Of(HostState.Drained));
        Assert.Equal(["both"], Of(HostState.Quarantined));
        Assert.Equal(["ready", "lost"], Of(HostState.Ready, HostState.Lost));
        Assert.Equal(4, Of().Count());
        Assert.Empty(Of((HostState)99));

        IEnumerable<string> Of(params HostState[] states) =>
            hosts.Where(ListFilters.Of(new ListHostsRequest { States = { states } })).Select(host => host.Name);
    }

    private static Timestamp At(long seconds) => new() { Seconds = seconds };
}
