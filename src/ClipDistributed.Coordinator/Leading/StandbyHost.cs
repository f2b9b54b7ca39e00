using ClipDistributed.Contracts.Links;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Leading;

/// <summary>What listens where a coordinator stands by: every call is sent to the one that leads.</summary>
internal static class StandbyHost
{
    /// <param name="leader">Where the one that leads is reached; empty: not known.</param>
    /// <exception cref="Contracts.Errors.BadInputException">The port is taken, or the address is none of this machine.</exception>
    public static async Task<WebApplication> StartAsync(
        CoordinatorOptions options,
        Func<string> leader,
        Action<ILoggingBuilder> logging,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var builder = CoordinatorHost.NewBuilder(options, logging, time);
        var app = builder.Build();
        app.Run(context => Refuse(context.Response, leader()));
        await CoordinatorHost.StartAsync(app, cancel);
        return app;
    }

    /// <summary>A gRPC answer that is a status alone, so that it suits every service.</summary>
    private static Task Refuse(HttpResponse response, string leader)
    {
        string text = leader == "" ? "this coordinator stands by, and none leads just now" : $"this coordinator stands by; {leader} leads";
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = StatusCode.Unavailable.ToString("D");
        response.Headers["grpc-message"] = Uri.EscapeDataString(text);
        response.Headers[CoordinatorAddresses.NotServed] = "1";
        return Task.CompletedTask;
    }
}
