using System.Net;
using System.Net.Security;
using ClipDistributed.Coordinator.Certificates;
using ClipDistributed.Coordinator.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ClipDistributed.Coordinator.Listening;

/// <summary>The addresses that a coordinator listens on, in this order: gRPC, JSON, metrics. Each has TLS where there is a
/// certificate.</summary>
internal static class KestrelListening
{
    public static void Add(KestrelServerOptions kestrel, CoordinatorOptions options, ServerCertificate? certificate)
    {
        Listen(options.EndPoint, HttpProtocols.Http2, asks: true);
        if (options.HttpEndPoint is { } http)
            Listen(http, HttpProtocols.Http1, asks: false); // browsers would ask their users
        if (options.MetricsEndPoint is { } metrics)
            Listen(metrics, HttpProtocols.Http1, asks: false).Use(next => connection =>
            {
                connection.Features.Set(MetricsPort.Instance);
                return next(connection);
            });

        ListenOptions Listen(IPEndPoint address, HttpProtocols protocols, bool asks)
        {
            ListenOptions made = null!;
            kestrel.Listen(address, endPoint =>
            {
                made = endPoint;
                endPoint.Protocols = protocols;
                if (certificate is null)
                    return;
                endPoint.UseHttps(new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = options.Limits.HandshakeTimeout,
                    OnConnection = _ => ValueTask.FromResult(certificate.Handshake(asks)),
                });
                if (protocols == HttpProtocols.Http2)
                    endPoint.Use(next => connection => IsHttp2(connection) ? next(connection) : Task.CompletedTask);
            });
            return made;
        }
    }

    /// <summary>Of a peer that does not say what it will speak, Kestrel would log an error each time.</summary>
    private static bool IsHttp2(ConnectionContext connection) =>
        connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span
            .SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span) == true;
}
