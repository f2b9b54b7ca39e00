using ClipDistributed.Contracts.Tls;
using Grpc.Net.Client;

namespace ClipDistributed.Contracts.Links;

/// <summary>How every process of ClipDistributed opens a channel to a coordinator.</summary>
public static class CoordinatorChannel
{
    /// <param name="address">As in http://10.0.0.1:7071, or https.</param>
    /// <param name="pingEvery">
    /// So often an open connection is tried, and for so long an answer is waited for: a coordinator that stands still, or whose
    /// network is gone, is noticed.
    /// </param>
    /// <param name="tls">For https.</param>
    public static GrpcChannel Open(string address, TimeSpan pingEvery, TlsFiles tls) => GrpcChannel.ForAddress(address, new()
    {
        HttpHandler = new SocketsHttpHandler
        {
            SslOptions = ClientHandshake.Options(tls),
            UseProxy = false, // proxies carry no HTTP/2 without TLS
            ConnectTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingDelay = pingEvery,
            KeepAlivePingTimeout = pingEvery,
            EnableMultipleHttp2Connections = true,
        },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = null, // assignments list spans, and a run may have many incidents
        // The callers pause between their tries; the channel need not.
        InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
        MaxReconnectBackoff = TimeSpan.FromMilliseconds(200),
    });
}
