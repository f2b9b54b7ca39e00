using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator.Certificates;
using ClipDistributed.Coordinator.Connections;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Replicas;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Control;

/// <summary>
/// Mutual TLS: the calls of hosts and replicas need a certificate of the CA that --client-ca names. It is judged here rather than in the
/// handshake, so that the caller receives the reason.
/// </summary>
internal sealed partial class HostCertificates(ServerCertificate server, TimeProvider time, ILogger<HostCertificates> logger) : IMiddleware
{
    private readonly LogGate lines = new(time);

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var called = context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType;
        if (server.Clients is not { } check || called != typeof(HostApi) && called != typeof(ReplicaApi))
            return next(context);
        string? fault = context.Connection.ClientCertificate is { } shown
            ? check.Fault(shown, [], time.GetUtcNow().UtcDateTime) is { } wrong ? $"the client certificate {shown.Subject} {wrong}" : null
            : "a client certificate is needed";
        if (fault is null)
            return next(context);
        if (lines.TryPass(out long before))
            LogRefused($"{context.Connection.RemoteIpAddress}", fault, LogGate.LeftOut(before));
        return StatusResponse.WriteAsync(
            context,
            StatusCode.Unauthenticated,
            $"{fault}; give one of the coordinator's client CA with {TlsFiles.CertificateOption} and {TlsFiles.KeyOption}");
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "HostCertificateRefused",
        Message = "A host or replica at {Peer} was refused: {Reason}{LeftOut}.")]
    private partial void LogRefused(string peer, string reason, string leftOut);
}
