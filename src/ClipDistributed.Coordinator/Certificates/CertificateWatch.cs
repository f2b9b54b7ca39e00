using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Certificates;

/// <summary>Has the certificate read again when its files change, and says early that it expires.</summary>
internal sealed partial class CertificateWatch(
    ServerCertificate certificate, CoordinatorOptions options, TimeProvider time, ILogger<CertificateWatch> logger) : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1), ExpiryInterval = TimeSpan.FromDays(1);
    private static readonly TimeSpan ExpiresSoon = TimeSpan.FromDays(14);

    private DateTimeOffset nextExpiryLine;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PollInterval, time);
        do
        {
            Poll();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Poll()
    {
        string file = options.Tls!.Certificate;
        try
        {
            if (certificate.Refresh())
            {
                LogReloaded(file, CertificateNames.Of(certificate.Certificate), certificate.Certificate.NotAfter.ToUniversalTime());
                nextExpiryLine = default;
            }
        }
        catch (BadInputException broken)
        {
            LogNotReloaded(string.Join(' ', broken.Errors));
        }
        var now = time.GetUtcNow();
        var left = certificate.Certificate.NotAfter.ToUniversalTime() - now.UtcDateTime;
        if (left > ExpiresSoon || now < nextExpiryLine)
            return;
        nextExpiryLine = now + ExpiryInterval;
        if (left > TimeSpan.Zero)
            LogExpires(file, left.TotalDays);
        else
            LogExpired(file);
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "CertificateReloaded",
        Message = "The certificate was read again from {File}: for {Names}, until {NotAfter:u}. New connections are shown it; open ones "
            + "go on.")]
    private partial void LogReloaded(string file, string names, DateTime notAfter);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "CertificateNotReloaded",
        Message = "The certificate's files have changed and cannot be used, so that the former certificate stays: {Reason}")]
    private partial void LogNotReloaded(string reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "CertificateExpiresSoon",
        Message = "The certificate {File} expires in {Days:0.0} days; replace the file before, it is read again by itself. After that no "
            + "new connection is made.")]
    private partial void LogExpires(string file, double days);

    [LoggerMessage(
        Level = LogLevel.Error,
        EventName = "CertificateExpired",
        Message = "The certificate {File} has expired: clients, hosts and replicas make no new connections until the file is replaced.")]
    private partial void LogExpired(string file);
}
