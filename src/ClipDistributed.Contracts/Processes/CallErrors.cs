using System.Net.Sockets;
using System.Security.Authentication;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Tls;
using Grpc.Core;

namespace ClipDistributed.Contracts.Processes;

/// <summary>What a failed call says to people.</summary>
public static class CallErrors
{
    /// <summary>
    /// The system's own words where a connection failed, such as <c>connection refused</c>, else what the other side said.
    /// </summary>
    public static string Reason(RpcException failed)
    {
        foreach (var cause in Causes(failed))
        {
            if (cause is SocketException socket)
                return char.ToLowerInvariant(socket.Message[0]) + socket.Message[1..];
            if (cause is CertificateRefusedException or BadInputException) // the latter: a file of certificates
                return cause.Message;
            if (cause is HttpIOException or HttpProtocolException)
                return "the connection was lost";
            if (cause is AuthenticationException)
                return "no TLS connection can be made with it; use http:// where it does not speak TLS";
        }
        return failed.Status.Detail == "" ? $"{failed.StatusCode}" : failed.Status.Detail;
    }

    /// <summary>A connection in plain HTTP broke, and its address speaks TLS.</summary>
    public static async Task<bool> NeedsHttpsAsync(string address, RpcException failed, CancellationToken cancel) =>
        new Uri(address) is { Scheme: "http" } plain
        && !Causes(failed).Any(cause => cause is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        && await TlsProbe.SpeaksTlsAsync(plain, cancel);

    public static string NeedsHttps(string address) => $"{address} speaks TLS; use https{address["http".Length..]}";

    /// <summary>The TLS connection failed by how it is set up, here or there, rather than by the network.</summary>
    public static bool IsTlsFault(RpcException failed) =>
        Causes(failed).Any(cause => cause is AuthenticationException or BadInputException);

    private static IEnumerable<Exception> Causes(RpcException failed)
    {
        for (var cause = failed.Status.DebugException; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
