using System.Net.Http.Headers;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Tls;
using Grpc.Net.Client;

namespace ClipDistributed.TestKit.Coordinators;

/// <summary>Sends a token with every request.</summary>
/// <param name="token">Null: none.</param>
/// <param name="tls">For https; null: as the machine trusts.</param>
public sealed class TokenHandler(string? token, TlsFiles? tls = null) : DelegatingHandler(
    new SocketsHttpHandler { EnableMultipleHttp2Connections = true, SslOptions = ClientHandshake.Options(tls ?? new TlsFiles()) })
{
    /// <summary>The token that a coordinator has made for its own machine.</summary>
    public static string Local(string stateFolder) =>
        SecretFile.TryRead(StateFolder.TokenIn(stateFolder)) ?? throw new InvalidOperationException($"{stateFolder} has no token");

    public static GrpcChannel Open(string address, string? token, TlsFiles? tls = null) => GrpcChannel.ForAddress(
        address, new GrpcChannelOptions { HttpHandler = new TokenHandler(token, tls), DisposeHttpClient = true });

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return base.SendAsync(request, cancellationToken);
    }
}
