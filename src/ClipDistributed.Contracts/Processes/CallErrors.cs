using System.Net.Sockets;
using System.Security.Authentication;
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
        for (var cause = failed.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
                return char.ToLowerInvariant(socket.Message[0]) + socket.Message[1..];
            if (cause is HttpIOException or HttpProtocolException)
                return "the connection was lost";
            if (cause is AuthenticationException)
                return "the TLS connection failed; use http:// where it does not speak TLS";
        }
        return failed.Status.Detail == "" ? $"{failed.StatusCode}" : failed.Status.Detail;
    }
}
