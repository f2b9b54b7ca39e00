using System.Collections.Concurrent;
using System.Net;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Coordinator.Tests.Otlp;

/// <summary>A real server of OTLP over gRPC that keeps what it receives.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Received received;

    private OtlpReceiver(WebApplication app) => (this.app, received) = (app, app.Services.GetRequiredService<Received>());

    public string Address => app.Urls.Single();

    public IReadOnlyCollection<OtlpSpan> Spans => received.Spans;

    public IReadOnlyCollection<OtlpMetric> Metrics => received.Metrics;

    public IReadOnlyCollection<OtlpLog> Logs => received.Logs;

    public IReadOnlyCollection<OtlpResource> Resources => received.Resources;

    /// <summary>Of all calls, as in <c>x-key: 1</c>.</summary>
    public IReadOnlyCollection<string> Headers => received.Headers;

    /// <param name="port">0: a free one.</param>
    public static async Task<OtlpReceiver> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<Received>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<Traces>();
        app.MapGrpcService<MetricsSink>();
        app.MapGrpcService<LogsSink>();
        await app.StartAsync();
        return new OtlpReceiver(app);
    }

    /// <summary>Waits until what was received meets a condition.</summary>
    public async Task UntilAsync(Func<OtlpReceiver, bool> meets)
    {
        using var late = new CancellationTokenSource(TestCoordinator.Patience);
        while (true)
        {
            var next = received.Changed; // before the look
            if (meets(this))
                return;
            await next.WaitAsync(late.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private sealed class Received
    {
        private volatile TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<OtlpSpan> Spans { get; } = new();

        public ConcurrentQueue<OtlpMetric> Metrics { get; } = new();

        public ConcurrentQueue<OtlpLog> Logs { get; } = new();

        public ConcurrentQueue<OtlpResource> Resources { get; } = new();

        public ConcurrentQueue<string> Headers { get; } = new();

        public Task Changed => changed.Task;

        public void Add<T>(ConcurrentQueue<T> to, IEnumerable<T> all, OtlpResource of, ServerCallContext call)
        {
            foreach (var one in all)
                to.Enqueue(one);
            Resources.Enqueue(of);
            foreach (var header in call.RequestHeaders)
                Headers.Enqueue($"{header.Key}: {header.Value}");
            Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    private sealed class Traces(Received received) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            foreach (var of in request.ResourceSpans)
                received.Add(received.Spans, of.ScopeSpans.SelectMany(scope => scope.Spans), of.Resource, context);
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }

    private sealed class MetricsSink(Received received) : MetricsService.MetricsServiceBase
    {
        public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context)
        {
            foreach (var of in request.ResourceMetrics)
                received.Add(received.Metrics, of.ScopeMetrics.SelectMany(scope => scope.Metrics), of.Resource, context);
            return Task.FromResult(new ExportMetricsServiceResponse());
        }
    }

    private sealed class LogsSink(Received received) : LogsService.LogsServiceBase
    {
        public override Task<ExportLogsServiceResponse> Export(ExportLogsServiceRequest request, ServerCallContext context)
        {
            foreach (var of in request.ResourceLogs)
                received.Add(received.Logs, of.ScopeLogs.SelectMany(scope => scope.LogRecords), of.Resource, context);
            return Task.FromResult(new ExportLogsServiceResponse());
        }
    }
}
