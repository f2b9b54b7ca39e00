using ClipDistributed.Coordinator.Control;
using ClipDistributed.Coordinator.Probes;
using ClipDistributed.Coordinator.Settings;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator;

/// <summary>The server of a coordinator that stands by: it redirects every call to the leader.</summary>
internal static class StandbyHost
{
    /// <param name="leader">The leader's address; empty: not known.</param>
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
        app.UseHealthPages(() => Task.FromResult(false));
        app.Run(context => StatusResponse.WriteAsync(context, StatusCode.Unavailable, Text(leader()), isServed: false));
        await CoordinatorHost.StartAsync(app, cancel);
        return app;
    }

    private static string Text(string leader) =>
        leader == "" ? "this coordinator stands by, and none leads just now" : $"this coordinator stands by; {leader} leads";
}
