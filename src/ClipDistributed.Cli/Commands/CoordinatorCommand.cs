using System.CommandLine;
using System.Runtime.InteropServices;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Coordinator;
using ClipDistributed.Coordinator.Settings;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd coordinator</c></summary>
internal static class CoordinatorCommand
{
    private const string StoreVariable = "CLIPD_STORE", DefaultHttp = "127.0.0.1:7070", None = "none";

    public static Command Create()
    {
        var defaults = new CoordinatorOptions();
        var listen = new Option<string>("--listen")
        {
            Description = "Address and port for worker hosts, replicas and clients; port 0 takes a free one.",
            DefaultValueFactory = _ => defaults.Listen,
            HelpName = "host:port",
        };
        var http = new Option<string?>("--http")
        {
            Description = $"Address and port of the dashboard, of the control API as JSON and of /metrics for Prometheus, HTTP/1.1; "
                + $"{None}: not served. [default: {DefaultHttp} where --listen is {defaults.Listen}, else {None}]",
            HelpName = "host:port",
        };
        var httpNames = new Option<string[]>("--http-name")
        {
            Description = "A name under which --http is reached, besides its address, localhost and the machine's name; may be repeated. "
                + "Others are refused, as web pages could use them.",
            HelpName = "name",
        };
        var state = new Option<string?>("--state")
        {
            Description = $"Folder for jobs, runs and their history, on a local disk. [default: {defaults.StateDirectory}]",
            HelpName = "dir",
        }.AsOptionalPath();
        var store = new Option<string?>("--store")
        {
            Description = $"A PostgreSQL database for them instead, as a connection string without password, or as @FILE that holds one; "
                + $"the variable {StoreVariable} is the default. Of several coordinators with one database one leads, and the others "
                + $"stand by.",
            HelpName = "connection",
        };
        var metrics = new Option<string?>("--metrics-listen")
        {
            Description = "Address and port for /metrics alone, HTTP/1.1. [default: it is served where --http is]",
            HelpName = "host:port",
        };
        var otlp = new Option<string?>(OtlpSettings.Option)
        {
            Description = "Sends metrics, logs and traces there by OTLP, as in http://127.0.0.1:4317. OpenTelemetry's variables "
                + "(OTEL_EXPORTER_OTLP_ENDPOINT, …_PROTOCOL, …_HEADERS) hold too. [default: nothing is sent]",
            HelpName = "url",
        };
        var certificate = new Option<string?>(TlsSettings.CertificateOption)
        {
            Description = "The coordinator's certificate, PEM: TLS on all addresses that it listens on. Read again when the file changes; "
                + "clipd certs init makes one.",
            HelpName = "file",
        }.AsOptionalPath();
        var key = new Option<string?>(TlsSettings.KeyOption)
        {
            Description = "The private key of --cert, PEM. [default: it is in the file of --cert]", HelpName = "file",
        }.AsOptionalPath();
        var clientCa = new Option<string?>(TlsSettings.ClientCaOption)
        {
            Description = "Workers and their replicas need a certificate of this CA, PEM (mutual TLS). [default: they need none]",
            HelpName = "file",
        }.AsOptionalPath();
        var proxies = new Option<string[]>("--behind-proxy")
        {
            Description = "Addresses of proxies, as in 10.0.0.5/32, whose X-Forwarded headers are believed; may be repeated. "
                + "[default: none]",
            HelpName = "range",
        };
        var insecure = new Option<bool>("--insecure")
        {
            Description =
                "Allows addresses that other machines can reach without TLS: who is between can read and change all that is sent.",
        };
        var rebuild = new Option<string[]>("--rebuild")
        {
            Description = "Registers the runs of these run directories, or of folders of them, again, where the state was lost; a "
                + "damaged coordinator.db is set aside. Each counts as ended and can be resumed.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "dir",
        }.AsPaths();
        var quarantine = new Option<int>("--quarantine-after")
        {
            Description =
                "Replicas that a host may lose within ten minutes before it is quarantined; each loss before that makes it back off for "
                + "seconds. 0: any number, without back-off.",
            DefaultValueFactory = _ => defaults.QuarantineAfter,
            HelpName = "count",
        };
        var backfillStarts = new Option<int>("--backfill-starts")
        {
            Description = "Runs that may start before one ahead of them in the queue that has no room yet; then devices are held for it.",
            DefaultValueFactory = _ => defaults.BackfillStarts,
            HelpName = "count",
        };
        var backfillMinutes = new Option<double>("--backfill-minutes")
        {
            Description = "How long after the first of them others may.",
            DefaultValueFactory = _ => defaults.BackfillTime.TotalMinutes,
            HelpName = "minutes",
        };
        var preemptAgain = new Option<double>("--preempt-again-minutes")
        {
            Description = "How long a run that made way for another one computes before it may have to again.",
            DefaultValueFactory = _ => defaults.PreemptAgainAfter.TotalMinutes,
            HelpName = "minutes",
        };
        var quota = new Option<int?>("--quota-devices")
        {
            Description = "Devices that the runs of one user may use together. [default: as many as there are]",
            HelpName = "count",
        };
        var maxPriority = new Option<int>("--max-priority")
        {
            Description = "The highest replicas.priority that a job of an operator may have; an admin's may have any.",
            DefaultValueFactory = _ => defaults.MaxPriority,
            HelpName = "0..100",
        };
        var openId = new OpenIdOptions();
        var logFormat = LogOptions.Format();
        var parent = new Option<bool>("--exit-with-parent")
        {
            Description = "Ends when the standard input ends, and leaves Ctrl-C to the process that started it.",
        };
        var command = new Command("coordinator", "Accepts jobs, assigns their data and leads their replicas on worker hosts.")
        {
            listen, http, httpNames, metrics, otlp, certificate, key, clientCa, insecure, proxies, state, store, rebuild, quarantine,
            backfillStarts, backfillMinutes, preemptAgain, quota, maxPriority, logFormat, parent, CoordinatorShowCommand.Create(),
            CoordinatorBackupCommand.Create(), CoordinatorRestoreCommand.Create(),
        };
        openId.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(
            defaults with
            {
                Listen = parsed.GetRequiredValue(listen),
                Http = Http(parsed.GetValue(http), isDefault: parsed.GetValue(listen) == defaults.Listen),
                HttpNames = parsed.GetValue(httpNames) ?? [],
                StateDirectory = parsed.GetValue(state) is { } folder ? Path.GetFullPath(folder) : defaults.StateDirectory,
                Store = Store(parsed.GetValue(state), parsed.GetValue(store)),
                MetricsListen = parsed.GetValue(metrics),
                Otlp = OtlpSettings.From(parsed.GetValue(otlp), Environment.GetEnvironmentVariables()),
                Tls = Tls(parsed.GetValue(certificate), parsed.GetValue(key), parsed.GetValue(clientCa)),
                OpenId = openId.Read(parsed),
                BehindProxy = parsed.GetValue(proxies) ?? [],
                Insecure = parsed.GetValue(insecure),
                Rebuild = parsed.GetValue(rebuild) ?? [],
                QuarantineAfter = parsed.GetValue(quarantine),
                BackfillStarts = parsed.GetValue(backfillStarts),
                PreemptAgainAfter = TimeSpan.FromMinutes(parsed.GetValue(preemptAgain)),
                QuotaDevices = parsed.GetValue(quota), MaxPriority = parsed.GetValue(maxPriority),
                BackfillTime = TimeSpan.FromMinutes(parsed.GetValue(backfillMinutes)),
            },
            LogOptions.Setup(parsed.GetRequiredValue(logFormat)),
            parsed.GetValue(parent)));
        return command;
    }

    /// <summary>A second coordinator on this machine, or one for other machines, opens nothing that it was not asked to.</summary>
    /// <param name="isDefault">It listens where a coordinator does by default.</param>
    internal static string? Http(string? given, bool isDefault) =>
        given switch { None => null, null => isDefault ? DefaultHttp : null, _ => given };

    /// <returns>Null: it speaks no TLS.</returns>
    private static TlsSettings? Tls(string? certificate, string? key, string? clientCa)
    {
        if (certificate is null && (key ?? clientCa) is not null)
            throw new BadInputException(
                $"{(key is null ? TlsSettings.ClientCaOption : TlsSettings.KeyOption)} is given without {TlsSettings.CertificateOption}; "
                    + "give the coordinator's certificate too.");
        return certificate is null ? null : new TlsSettings(certificate, key ?? certificate, clientCa);
    }

    /// <returns>Null: the state lies in a folder.</returns>
    internal static StoreConnection? Store(string? state, string? store)
    {
        if (state is not null && store is not null)
            throw new BadInputException("--state and --store exclude each other; give one of them.");
        if (store is not null)
            return StoreConnection.FromOption(store.StartsWith('@') ? $"@{UserPath.Expand(store[1..], "--store")}" : store);
        return state is null && Environment.GetEnvironmentVariable(StoreVariable) is { Length: > 0 } variable
            ? StoreConnection.Parse(variable)
            : null;
    }

    private static async Task<int> RunAsync(CoordinatorOptions options, Action<ILoggingBuilder> logging, bool withParent)
    {
        using var stop = new CancellationTokenSource();
        int exit = ExitCodes.Unavailable; // unless it was stopped, another coordinator has taken its store
        using var interrupt = On(PosixSignal.SIGINT, () => withParent || End(ExitCodes.Interrupted));
        using var hangUp = On(PosixSignal.SIGHUP, () => withParent || End(ExitCodes.Done));
        using var terminate = On(PosixSignal.SIGTERM, () => End(ExitCodes.Done));
        if (withParent)
            _ = EndWithInputAsync(() => End(ExitCodes.Done));
        await new CoordinatorLoop(CoordinatorPages.AddTo(options, out var leads), Announce, logging, leads: leads).RunAsync(stop.Token);
        return exit;

        bool End(int code)
        {
            if (Interlocked.CompareExchange(ref exit, code, ExitCodes.Unavailable) != ExitCodes.Unavailable)
                return false;
            stop.Cancel();
            return true;
        }
    }

    private static void Announce(ListeningAddresses at)
    {
        Console.WriteLine($"coordinator: {at.Grpc}");
        if (at.Http is not null)
            Console.WriteLine($"{(at.Metrics is null ? "JSON and metrics" : "JSON")}: {at.Http}");
        if (at.Metrics is not null)
            Console.WriteLine($"metrics: {at.Metrics}");
    }

    private static PosixSignalRegistration On(PosixSignal signal, Func<bool> act) => PosixSignalRegistration.Create(signal, context =>
    {
        // A second one, while the first is being followed, ends the process at once.
        context.Cancel = act();
    });

    private static async Task EndWithInputAsync(Func<bool> end)
    {
        try
        {
            await Console.OpenStandardInput().CopyToAsync(Stream.Null);
        }
        finally
        {
            end(); // also where the input cannot be read: then no parent is known
        }
    }
}
