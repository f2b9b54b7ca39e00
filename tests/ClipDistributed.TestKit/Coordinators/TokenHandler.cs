using System.Net.Http.Headers;
using ClipDistributed.Contracts.Files;
using Grpc.Net.Client;

namespace ClipDistributed.TestKit.Coordinators;

/// <summary>Sends a token with every request.</summary>
/// <param name="token">Null: none.</param>
public sealed class TokenHandler(string? token) : DelegatingHandler(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
{
    /// <summary>The token that a coordinator has made for its own machine.</summary>
    public static string Local(string stateFolder) =>
        SecretFile.TryRead(StateFolder.TokenIn(stateFolder)) ?? throw new InvalidOperationException($"{stateFolder} has no token");

    public static GrpcChannel Open(string address, string? token) => GrpcChannel.ForAddress(
        address, new GrpcChannelOptions { HttpHandler = new TokenHandler(token), DisposeHttpClient = true });

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return base.SendAsync(request, cancellationToken);
    }
}
