using System.Globalization;
using System.Net;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Cli.Tests.Coordinators;

/// <summary>A real gRPC server on a free port that knows one run; a test says how that goes.</summary>
internal sealed class ScriptedControl : ControlService.ControlServiceBase, IAsyncDisposable
{
    private WebApplication? server;
    private long sequence;

    public string Address { get; private set; } = "";

    public Run Run { get; } = new()
    {
        RunId = "demo-1", JobId = "demo", State = RunState.Succeeded, RunDirectory = "/runs/demo", Step = 2, Steps = 2, Loss = 1.5,
        Submitted = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(-3.5)),
    };

    public List<Incident> Incidents { get; } = [];

    public List<RunRecord> Records { get; } = [];

    /// <summary>Watches say the run's state and then nothing more, until this server ends.</summary>
    public TaskCompletionSource? Silent { get; set; }

    /// <summary>The watch breaks after so many records, once.</summary>
    public int? BreakAfter { get; set; }

    public List<long> WatchedAfter { get; } = [];

    public RpcException? Refusal { get; set; }

    public SubmitJobRequest? Submitted { get; private set; }

    /// <summary>So many submissions arrive, and the connection breaks before they are answered.</summary>
    public int BrokenSubmits { get; set; }

    /// <summary>Of all submissions that arrived.</summary>
    public List<string> RequestIds { get; } = [];

    public JobValidation Validation { get; } = new() { Rows = 40, Steps = 5, ReadBytes = 3 << 20 };

    /// <summary>That were asked for; null: no list was.</summary>
    public ListRunsRequest? Listed { get; private set; }

    public ListJobsRequest? ListedJobs { get; private set; }

    public ListHostsRequest? ListedHosts { get; private set; }

    public List<Host> Hosts { get; } = [];

    public List<Job> Jobs { get; } = [];

    /// <summary>Listed beside the run.</summary>
    public List<Run> OtherRuns { get; } = [];

    /// <summary>Lists of runs are answered when this is.</summary>
    public Task? Hangs { get; set; }

    /// <summary>What was asked of the run, in order.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The list of runs comes in pages of one.</summary>
    public bool RunsOneByOne { get; set; }

    /// <param name="port">0: a free one.</param>
    public static async Task<ScriptedControl> StartAsync(int port = 0)
    {
        var control = new ScriptedControl();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2)
        );
        builder.Services.AddSingleton(control);
        builder.Services.AddGrpc();
        control.server = builder.Build();
        control.server.MapGrpcService<ScriptedControl>();
        control.server.MapGrpcService<ScriptedHistory>();
        control.server.MapGrpcService<ScriptedModels>();
        await control.server.StartAsync();
        control.Address = control.server.Urls.First();
        return control;
    }

    public void Sends(RunRecord record) => Records.Add(new RunRecord(record) { Sequence = ++sequence });

    public override Task<SubmitJobResponse> SubmitJob(SubmitJobRequest request, ServerCallContext context)
    {
        Check();
        Submitted = request;
        RequestIds.Add(request.RequestId);
        if (BrokenSubmits-- > 0)
            throw new RpcException(new Status(StatusCode.Unavailable, "the link is gone"));
        if (request.ValidateOnly)
            return Task.FromResult(new SubmitJobResponse { Validation = Validation });
        return Task.FromResult(new SubmitJobResponse { JobId = "demo", RunId = "demo-1", Notices = { "replicas.max is ignored" } });
    }

    public override async Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context)
    {
        if (Hangs is { } hangs)
            await hangs.WaitAsync(context.CancellationToken);
        return List(request);
    }

    private ListRunsResponse List(ListRunsRequest request)
    {
        Check();
        Listed = request;
        Run[] all = request.States.Count == 0 || request.States.Contains(Run.State) ? [Run, .. OtherRuns] : [];
        if (!RunsOneByOne || all.Length == 0)
            return new ListRunsResponse { Runs = { all } };
        int at = request.PageToken == "" ? 0 : int.Parse(request.PageToken, CultureInfo.InvariantCulture);
        return new ListRunsResponse { Runs = { all[at] }, NextPageToken = at + 1 < all.Length ? $"{at + 1}" : "" };
    }

    public override Task<PauseRunResponse> PauseRun(PauseRunRequest request, ServerCallContext context) =>
        Answer("pause", new PauseRunResponse());

    public override Task<ResumeRunResponse> ResumeRun(ResumeRunRequest request, ServerCallContext context) =>
        Answer("resume", new ResumeRunResponse());

    public override Task<StopRunResponse> StopRun(StopRunRequest request, ServerCallContext context) =>
        Answer("stop", new StopRunResponse());

    public override Task<CancelRunResponse> CancelRun(CancelRunRequest request, ServerCallContext context) =>
        Answer("cancel", new CancelRunResponse());

    private Task<T> Answer<T>(string verb, T answer)
    {
        Check();
        Asked.Add(verb);
        return Task.FromResult(answer);
    }

    public override Task<DeleteRunResponse> DeleteRun(DeleteRunRequest request, ServerCallContext context)
    {
        Check();
        return Task.FromResult(new DeleteRunResponse { RunDirectory = Run.RunDirectory });
    }

    public override Task<ListHostsResponse> ListHosts(ListHostsRequest request, ServerCallContext context)
    {
        ListedHosts = request;
        return Task.FromResult(new ListHostsResponse { Hosts = { Hosts } });
    }

    public override Task<ListJobsResponse> ListJobs(ListJobsRequest request, ServerCallContext context)
    {
        ListedJobs = request;
        return Task.FromResult(new ListJobsResponse { Jobs = { Jobs } });
    }

    public override Task<GetJobResponse> GetJob(GetJobRequest request, ServerCallContext context) =>
        Task.FromResult(new GetJobResponse { Job = Jobs.Single(job => job.JobId == request.JobId) });

    public override Task<GetHostResponse> GetHost(GetHostRequest request, ServerCallContext context) =>
        Task.FromResult(new GetHostResponse { Host = Hosts.Single(host => host.Name == request.Name) });

    public override Task<GetRunResponse> GetRun(GetRunRequest request, ServerCallContext context) => request.RunId == Run.RunId
        ? Task.FromResult(new GetRunResponse { Run = Run, Incidents = { Incidents } })
        : throw new RpcException(new Status(StatusCode.NotFound, $"there is no run {request.RunId}; clipd run list shows them"));

    public override async Task WatchRun(
        WatchRunRequest request,
        IServerStreamWriter<WatchRunResponse> responseStream,
        ServerCallContext context
    )
    {
        WatchedAfter.Add(request.AfterSequence);
        await responseStream.WriteAsync(new WatchRunResponse { Run = Run });
        if (Silent is { } silent)
        {
            silent.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        }
        foreach (var record in Records.Where(record => record.Sequence > request.AfterSequence))
        {
            if (BreakAfter < record.Sequence)
            {
                BreakAfter = null;
                throw new RpcException(new Status(StatusCode.Unavailable, "the link is gone"));
            }
            await responseStream.WriteAsync(new WatchRunResponse { Record = record });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await server!.StopAsync();
        await server.DisposeAsync();
    }

    private void Check()
    {
        if (Refusal is not null)
            throw Refusal;
    }
}
