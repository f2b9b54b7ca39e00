using System.Text.Json;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace ClipDistributed.Coordinator.Access;

/// <summary>What a provider of OpenID Connect publishes: above all its keys, which are asked for again when one is not known. Thread-safe.
/// </summary>
internal sealed partial class OpenIdProvider : IDisposable
{
    private const int MaxAnswerBytes = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5); // callers cannot make it be asked more often
    private static readonly TimeSpan MinKeyAge = TimeSpan.FromSeconds(30);

    private readonly OpenIdSettings settings;
    private readonly TimeProvider time;
    private readonly ILogger<OpenIdProvider> logger;
    private readonly HttpClient http;
    private readonly Lock gate = new();
    private Task<bool>? asking; // under the gate: the last question, which all callers share
    private long askedAt;

    public OpenIdProvider(OpenIdSettings settings, TimeProvider time, ILogger<OpenIdProvider> logger)
    {
        (this.settings, this.time, this.logger) = (settings, time, logger);
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = ClientHandshake.Options(new TlsFiles(settings.Ca), OpenIdSettings.CaOption),
        })
        { Timeout = Patience, MaxResponseContentBufferSize = MaxAnswerBytes };
        Published = new ConfigurationManager<OpenIdConnectConfiguration>(
            $"{settings.Issuer.TrimEnd('/')}/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(http) { RequireHttps = true })
        { RefreshInterval = MinKeyAge };
    }

    public ConfigurationManager<OpenIdConnectConfiguration> Published { get; }

    /// <summary>Asks it where that has not succeeded yet, once in a while at most.</summary>
    /// <returns>False: its keys are not known.</returns>
    public Task<bool> IsKnownAsync()
    {
        lock (gate)
        {
            bool hasFailed = asking is { IsCompleted: true } && !(asking.IsCompletedSuccessfully && asking.Result);
            if (asking is null || hasFailed && time.GetElapsedTime(askedAt) > Pause)
                (asking, askedAt) = (Task.Run(AskAsync), time.GetTimestamp());
            return asking;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<bool> AskAsync()
    {
        try
        {
            var found = await Published.GetConfigurationAsync(CancellationToken.None);
            if (found.Issuer == settings.Issuer)
                return true;
            LogUnknown(settings.Issuer, $"its configuration is that of {found.Issuer}");
        }
        catch (InvalidOperationException failed) when (failed.InnerException is { } cause) // so the library reports each failure of it
        {
            LogUnknown(settings.Issuer, Reason(cause));
        }
        return false;
    }

    private static string Reason(Exception cause) => cause.GetBaseException() switch
    {
        JsonException => "what it sends is no configuration",
        CertificateRefusedException refused => refused.Message,
        OperationCanceledException => $"no answer within {Patience.TotalSeconds:0} s",
        var failed => failed.Message.ReplaceLineEndings(" ").TrimEnd('.'),
    };

    [LoggerMessage(Level = LogLevel.Warning, EventName = "OpenIdUnavailable",
        Message = "The keys of the OpenID provider {Issuer} are not known ({Reason}): people cannot log in by it until it answers.")]
    private partial void LogUnknown(string issuer, string reason);
}
