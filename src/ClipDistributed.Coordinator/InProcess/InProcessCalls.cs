using System.Net;
using ClipDistributed.Contracts.Links;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Coordinator.InProcess;

/// <summary>
/// The coordinator's own services, called from its process: <see cref="CallInvoker"/> of its services. A call needs a token as any other.
/// </summary>
internal static class InProcessCalls
{
    public static void AddInProcessCalls(this IServiceCollection services)
    {
        services.AddSingleton<InProcessListener>();
        services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<InProcessListener>());
        services.Configure<KestrelServerOptions>(kestrel =>
            kestrel.Listen(InProcessEndPoint.Instance, endPoint => endPoint.Protocols = HttpProtocols.Http2)); // after the other addresses
        services.AddSingleton(provider => Open(provider.GetRequiredService<InProcessListener>()));
        services.AddSingleton(provider => provider.GetRequiredService<GrpcChannel>().CreateCallInvoker());
    }

    /// <summary>Refused callers are counted and audited by the address that they call for.</summary>
    public static void UseInProcessAddresses(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Features.Get<InProcessPort>() is not null
            && IPAddress.TryParse(context.Request.Headers[ClientAddressHeader.Name], out var address))
            context.Connection.RemoteIpAddress = address;
        return next(context);
    });

    private static GrpcChannel Open(InProcessListener listener) => GrpcChannel.ForAddress(
        "http://localhost",
        new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = (_, _) => ValueTask.FromResult(listener.Connect()),
                EnableMultipleHttp2Connections = true, // watchers hold their calls open
            },
            MaxReceiveMessageSize = null,
            DisposeHttpClient = true,
        });
}
