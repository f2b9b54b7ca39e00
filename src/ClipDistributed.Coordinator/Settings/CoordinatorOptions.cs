using System.Net;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Coordinator.Settings;

/// <summary>Settings of a coordinator.</summary>
public sealed record CoordinatorOptions
{
    /// <summary>Address and port of the gRPC services, HTTP/2; port 0 takes a free one.</summary>
    public string Listen { get; init; } = "127.0.0.1:7071";

    /// <summary>Address and port of the control API as JSON and of /metrics for Prometheus, HTTP/1.1; port 0 takes a free one. Null:
    /// they are not served.</summary>
    public string? Http { get; init; }

    /// <summary>Address and port where /metrics is served instead, HTTP/1.1, and nothing else but /healthz and /readyz. Null: where
    /// <see cref="Http"/> is.</summary>
    public string? MetricsListen { get; init; }

    /// <summary>For all that it listens on; null: it speaks no TLS.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>Ranges of addresses, as in 10.0.0.0/8, of the proxies whose X-Forwarded headers say who calls, how and under which
    /// name; those of others are ignored.</summary>
    public IReadOnlyList<string> BehindProxy { get; init; } = [];

    /// <summary>Names under which <see cref="Http"/> is reached, besides its address, localhost and the machine's name.</summary>
    public IReadOnlyList<string> HttpNames { get; init; } = [];

    /// <summary>Pages for browsers, served where <see cref="Http"/> is; null: none.</summary>
    public WebPages? Pages { get; init; }

    /// <summary>Holds coordinator.db and the token of this machine's admin; a folder on a local disk that one coordinator uses at a
    /// time.</summary>
    public string StateDirectory { get; init; } = StateFolder.Default;

    /// <summary>A PostgreSQL database that holds the state instead of coordinator.db, and that several coordinators may share; null:
    /// none.</summary>
    public StoreConnection? Store { get; init; }

    /// <summary>Where several coordinators share a store: when the leader has sent no heartbeat there for so long, another one takes
    /// over.</summary>
    public TimeSpan LeaderLease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Listens to other machines without TLS too.</summary>
    public bool Insecure { get; init; }

    /// <summary>Where metrics, logs and traces are sent; null: nowhere.</summary>
    public OtlpSettings? Otlp { get; init; }

    /// <summary>Whose tokens people may show besides the coordinator's own; null: none's.</summary>
    public OpenIdSettings? OpenId { get; init; }

    /// <summary>How long a run that has its minimum of devices waits for more.</summary>
    public TimeSpan JoinWindow { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Runs that may start before one that comes first and for which there is no room yet; then devices are held for it. 0:
    /// none.</summary>
    public int BackfillStarts { get; init; } = 10;

    /// <summary>How long after the first of them others may.</summary>
    public TimeSpan BackfillTime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long too few devices must have been free for a run before preemptible ones make way: others may end soon.</summary>
    public TimeSpan PreemptAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a run that was preempted computes before it may be preempted again.</summary>
    public TimeSpan PreemptAgainAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Devices that the runs of one owner may use together; null: as many as there are.</summary>
    public int? QuotaDevices { get; init; }

    /// <summary>The highest <c>replicas.priority</c> that a job of an operator may have; those of admins have no bound but the
    /// spec's.</summary>
    public int MaxPriority { get; init; } = 100;

    /// <summary>How long a replica may take to load: a large checkpoint may come from S3. That its process ended is seen at once.</summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a replica's secret is good without a link; over its link it receives others, four times as often.</summary>
    public TimeSpan SecretLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the members of a generation may take to find each other.</summary>
    public TimeSpan RendezvousTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Steps that may be assigned beyond the last one that all replicas applied.</summary>
    public int AssignmentHorizon { get; init; } = 64;

    /// <summary>A replica that sends nothing for so long, while no step is applied, is lost; it sends a heartbeat every second.</summary>
    public TimeSpan ReplicaLease { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the hosts and replicas of a former coordinator have to reconnect, before their leases run.</summary>
    public TimeSpan ReconnectGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a replica may stay in one phase of a step at least, however quick the steps were before.</summary>
    public TimeSpan MinHangLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long replicas may take to leave a broken generation.</summary>
    public TimeSpan GenerationEndTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a replica that was asked to leave may take before it is killed.</summary>
    public TimeSpan LeaveGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Losses of replicas within ten minutes for which a host is quarantined, for a minute and each time twice as long; 0:
    /// never.</summary>
    public int QuarantineAfter { get; init; } = 5;

    /// <summary>A host or an open link that sends nothing for so long is lost; hosts send a heartbeat every second.</summary>
    public TimeSpan HostTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Run directories, or folders of them, whose runs are added to the store again where it does not know them; a damaged coordinator.db
    /// is
    /// set aside before.
    /// </summary>
    public IReadOnlyList<string> Rebuild { get; init; } = [];

    /// <summary>Limits of what hosts, replicas and watchers may send and request.</summary>
    public CoordinatorLimits Limits { get; init; } = new();

    /// <summary>What is sent to or from it can be read and changed by others on its way.</summary>
    public bool IsOpenWithoutTls => Tls is null && ListensOn.Any(at => !IPAddress.IsLoopback(at.Address));

    /// <summary>Somewhere /metrics is served.</summary>
    internal bool HasMetrics => Http is not null || MetricsListen is not null;

    /// <summary>Metrics are served or sent.</summary>
    internal bool Measures => HasMetrics || Otlp?.HasMetrics == true;

    internal bool HasPages => Pages is not null && Http is not null;

    internal IPEndPoint EndPoint => ListenAddress.Parse(Listen);

    internal IPEndPoint? HttpEndPoint => Http is null ? null : ListenAddress.Parse(Http);

    internal IPEndPoint? MetricsEndPoint => MetricsListen is null ? null : ListenAddress.Parse(MetricsListen);

    internal IEnumerable<IPEndPoint> ListensOn => new[] { EndPoint, HttpEndPoint, MetricsEndPoint }.OfType<IPEndPoint>();

    /// <exception cref="BadInputException">Lists every setting that cannot be used.</exception>
    public void Check()
    {
        var errors = new List<string>();
        ListenCheck.Run(this, errors);
        if (OpenId is { } provider)
            OpenIdCheck.Run(provider, errors);
        errors.AddRange(HttpNames.Where(name => Uri.CheckHostName(name) != UriHostNameType.Dns).Select(name =>
            $"--http-name is '{name}'; use a name without a port, such as clipd.example.org."));
        if (StateDirectory == "")
            errors.Add("--state is empty; name a folder on a local disk.");
        if (LeaderLease < TimeSpan.FromSeconds(1))
            errors.Add($"LeaderLease is {LeaderLease}; use 00:00:01 or more.");
        if (JoinWindow < TimeSpan.Zero)
            errors.Add($"JoinWindow is {JoinWindow}; use 00:00:00 or more.");
        if (BackfillStarts < 0)
            errors.Add($"--backfill-starts is {BackfillStarts}; use 0 (never) or more.");
        if (QuotaDevices < 1)
            errors.Add($"--quota-devices is {QuotaDevices}; use 1 or more, or leave it out.");
        if (MaxPriority is < 0 or > 100)
            errors.Add($"--max-priority is {MaxPriority}; use 0 to 100, as replicas.priority of a spec.");
        if (BackfillTime < TimeSpan.Zero)
            errors.Add($"--backfill-minutes is {BackfillTime.TotalMinutes}; use 0 or more.");
        if (PreemptAfter < TimeSpan.Zero)
            errors.Add($"PreemptAfter is {PreemptAfter}; use 00:00:00 or more.");
        if (PreemptAgainAfter < TimeSpan.Zero)
            errors.Add($"--preempt-again-minutes is {PreemptAgainAfter.TotalMinutes}; use 0 or more.");
        if (SecretLifetime < LoadTimeout)
            errors.Add($"SecretLifetime is {SecretLifetime}; use LoadTimeout {LoadTimeout} or more, in which replicas have no link.");
        if (RendezvousTimeout <= TimeSpan.Zero)
            errors.Add($"RendezvousTimeout is {RendezvousTimeout}; use more than 00:00:00.");
        if (AssignmentHorizon < 1)
            errors.Add($"AssignmentHorizon is {AssignmentHorizon}; use 1 or more.");
        if (ReplicaLease <= TimeSpan.FromSeconds(1))
            errors.Add($"ReplicaLease is {ReplicaLease}; use more than 00:00:01, replicas send a heartbeat every second.");
        if (QuarantineAfter < 0)
            errors.Add($"--quarantine-after is {QuarantineAfter}; use 0 (never) or more.");
        if (ReconnectGrace < TimeSpan.Zero)
            errors.Add($"ReconnectGrace is {ReconnectGrace}; use 00:00:00 or more.");
        Limits.Check(errors);
        Otlp?.Check(errors);
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
