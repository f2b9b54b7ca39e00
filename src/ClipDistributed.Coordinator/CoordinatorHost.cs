using System.Net;
using System.Net.Sockets;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Certificates;
using ClipDistributed.Coordinator.Connections;
using ClipDistributed.Coordinator.Control;
using ClipDistributed.Coordinator.Control.OpenApi;
using ClipDistributed.Coordinator.Control.Rest;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.InProcess;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Listening;
using ClipDistributed.Coordinator.Metrics;
using ClipDistributed.Coordinator.Otlp;
using ClipDistributed.Coordinator.Probes;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator;

/// <summary>The coordinator as a web application; its starter stops it, no signal does.</summary>
public static partial class CoordinatorHost
{
    /// <summary>A coordinator that leads at once, even where another one did; <see cref="CoordinatorLoop"/> stands by first.</summary>
    /// <param name="logging">Where events go; null: readable lines on standard error.</param>
    /// <param name="time">Null: the system's.</param>
    /// <exception cref="BadInputException">An option cannot be used, or the store cannot.</exception>
    public static WebApplication Build(CoordinatorOptions options, Action<ILoggingBuilder>? logging = null, TimeProvider? time = null)
    {
        options.Check();
        return Build(options, RunStore.Open(options), logging ?? (lines => lines.AddTelemetry()), time ?? TimeProvider.System);
    }

    /// <param name="store">That this coordinator leads with; disposed with the application.</param>
    internal static WebApplication Build(CoordinatorOptions options, RunStore store, Action<ILoggingBuilder> logging, TimeProvider time)
    {
        var builder = NewBuilder(options, logging, time);
        if (options.Otlp is { } otlp)
            builder.AddOtlp(otlp);
        builder.Services.AddCoordinator(options, store);
        var app = builder.Build();
        app.Services.GetRequiredService<RunStore>(); // from here on it is disposed with the application
        var budget = app.Services.GetRequiredService<ConnectionBudget>();
        app.Use(async (context, next) =>
        {
            using var call = budget.Call(context.Connection.Id);
            context.Features.Set(call);
            await next(context);
        });
        if (options.BehindProxy.Count > 0)
            app.UseForwardedHeaders();
        if (options.HasPages)
            app.UseInProcessAddresses();
        app.UseHealthPages(app.Services.GetRequiredService<Readiness>().IsReadyAsync);
        app.UseMiddleware<UnreadableRequests>();
        if (options.HasMetrics)
            app.UseMiddleware<MetricsGate>();
        app.UseMiddleware<AccessGate>();
        if (options.Tls is not null)
            app.UseMiddleware<HostCertificates>();
        if (options.Measures)
            app.Services.MeasureRuns();
        if (options.HasMetrics)
        {
            app.UseMiddleware<RestGate>();
            app.MapPrometheusScrapingEndpoint();
            ApiPages.Map(app);
        }
        if (options.HasPages)
            options.Pages!.Map(app);
        app.MapGrpcService<ControlApi>();
        app.MapGrpcService<CheckpointApi>();
        app.MapGrpcService<HistoryApi>();
        app.MapGrpcService<ModelApi>();
        app.MapGrpcService<HostApi>();
        app.MapGrpcService<ReplicaApi>();
        app.MapGrpcService<AdminApi>();
        app.MapGrpcHealthChecksService().AllowAnonymous();
        app.MapGrpcReflectionService().AllowAnonymous(); // what there is to call is no secret
        return app;
    }

    /// <summary>Starts to listen.</summary>
    /// <exception cref="BadInputException">The port is taken, or the address is none of this machine.</exception>
    public static async Task StartAsync(WebApplication app, CancellationToken cancel = default)
    {
        var options = app.Services.GetRequiredService<CoordinatorOptions>();
        try
        {
            await app.StartAsync(cancel);
            if (options.IsOpenWithoutTls)
                LogInsecure(app.Logger, string.Join(", ", options.ListensOn.Where(at => !IPAddress.IsLoopback(at.Address))));
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            var (option, address) = ListenOptions(options)
                .Where(one => taken.Message.Contains(one.Address, StringComparison.Ordinal))
                .LastOrDefault(("--listen", options.Listen));
            string none = option == "--http" ? ", or leave it out with --http none" : "";
            throw new BadInputException(
                $"{address} is taken by another process, perhaps another coordinator; stop that one, or choose another port with "
                    + $"{option}{none}."
            );
        }
        catch (SocketException refused)
        {
            var all = ListenOptions(options).ToList();
            throw new BadInputException(
                $"{string.Join(" or ", all.Select(one => one.Address))} cannot be listened on ({refused.Message}); use an address of this "
                    + $"machine and a port above 1023 with {string.Join(" or ", all.Select(one => one.Option))}."
            );
        }
    }

    /// <summary>The address that a started coordinator listens on, for example <c>http://127.0.0.1:7071</c>.</summary>
    public static string Address(WebApplication app) => Addresses(app).First();

    /// <summary>Where it serves JSON, and /metrics unless that has an address of its own; null: nowhere.</summary>
    public static string? HttpAddress(WebApplication app) =>
        OptionsOf(app).Http is null ? null : Addresses(app).ElementAt(1);

    /// <summary>Where it serves /metrics alone; null: nowhere.</summary>
    public static string? MetricsAddress(WebApplication app) =>
        OptionsOf(app).MetricsListen is null ? null : Addresses(app).ElementAt(OptionsOf(app).Http is null ? 1 : 2);

    internal static ListeningAddresses AddressesOf(WebApplication app) => new(Address(app), HttpAddress(app), MetricsAddress(app));

    private static CoordinatorOptions OptionsOf(WebApplication app) => app.Services.GetRequiredService<CoordinatorOptions>();

    /// <summary>In the order in which they are listened on.</summary>
    private static IEnumerable<(string Option, string Address)> ListenOptions(CoordinatorOptions options) =>
        new[] { ("--listen", options.Listen), ("--http", options.Http), ("--metrics-listen", options.MetricsListen) }
            .Where(one => one.Item2 is not null).Select(one => (one.Item1, one.Item2!));

    private static ICollection<string> Addresses(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;

    /// <summary>Of an application that listens as a coordinator does.</summary>
    internal static WebApplicationBuilder NewBuilder(CoordinatorOptions options, Action<ILoggingBuilder> logging, TimeProvider time)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        logging.Invoke(builder.Logging);
        foreach (string category in (string[])[UnreadableRequests.Category, RestGate.Category])
            builder.Logging.AddFilter(category, LogLevel.None); // the failure of a call is logged once, by CallFailure
        builder.Services.AddSingleton<IHostLifetime, StarterLifetime>();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<ConnectionBudget>();
        builder.Services.AddSingleton<IConnectionListenerFactory, BoundedListenerFactory>();
        var certificate = options.Tls is { } tls ? new ServerCertificate(tls) : null;
        if (certificate is not null)
        {
            builder.Services.AddSingleton(certificate);
            builder.Services.AddHostedService<CertificateWatch>();
        }
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A peer whose machine vanished sends no end of its call.
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(5);
            kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.Http2.MaxStreamsPerConnection = options.Limits.CallsPerConnection;
            kestrel.Limits.KeepAliveTimeout = options.Limits.IdleTimeout; // also before the first request
            kestrel.Limits.RequestHeadersTimeout = options.Limits.IdleTimeout;
            KestrelListening.Add(kestrel, options, certificate);
        });
        return builder;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "Insecure",
        Message = "{Listen} is open to other machines without TLS (--insecure): what is sent there, secrets too, can be read and changed "
            + "on its way, and any machine can take the coordinator's place."
    )]
    private static partial void LogInsecure(ILogger logger, string listen);

    /// <summary>Signals belong to the process's own command.</summary>
    private sealed class StarterLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
