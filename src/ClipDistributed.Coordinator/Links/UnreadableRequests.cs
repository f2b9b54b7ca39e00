using System.Globalization;
using ClipDistributed.Coordinator.Connections;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Links;

/// <summary>
/// A request that cannot be parsed fails in gRPC before any interceptor sees it, as UNKNOWN, which nothing else returns here: it becomes
/// INVALID_ARGUMENT.
/// </summary>
internal sealed partial class UnreadableRequests(TimeProvider time, ILogger<UnreadableRequests> logger) : IMiddleware
{
    /// <summary>The category in which gRPC logs such failures, with a stack each time.</summary>
    public const string Category = "Grpc.AspNetCore.Server.ServerCallHandler";

    private static readonly string Unknown = StatusCode.Unknown.ToString("D");

    private readonly LogGate lines = new(time);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        var response = context.Response;
        if (response.HasStarted || response.Headers["grpc-status"] != Unknown)
            return;
        if (context.RequestAborted.IsCancellationRequested)
            return; // its caller has cancelled it before it was read, as a page does that is closed
        string method = context.Request.Path;
        response.Headers["grpc-status"] = StatusCode.InvalidArgument.ToString("D");
        response.Headers["grpc-message"] = Uri.EscapeDataString(
            $"The request is not a message of {method[(method.LastIndexOf('/') + 1)..]} that can be read; use a client of this version."
        );
        if (lines.TryPass(out long before))
            LogUnreadable(
                method,
                string.Create(CultureInfo.InvariantCulture, $"{context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}"),
                LogGate.LeftOut(before)
            );
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "RequestUnreadable",
        Message = "A request of {Method} from {Peer} could not be "
            + "read and was refused{LeftOut}."
    )]
    private partial void LogUnreadable(string method, string peer, string leftOut);
}
