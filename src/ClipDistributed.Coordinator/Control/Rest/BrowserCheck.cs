using System.Net;
using ClipDistributed.Coordinator.Links;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Control.Rest;

/// <summary>
/// Web pages can make a browser send requests to the machine that it runs on. A page whose own name was made to lead here (DNS
/// rebinding) is known by the name in Host, any other by its Origin, which programs do not send.
/// </summary>
/// <param name="names">That lead here, besides addresses and localhost.</param>
/// <param name="isCertified">Whether a name is one of the coordinator's certificate: to another no page of https leads.</param>
internal sealed class BrowserCheck(IEnumerable<string> names, Func<string, bool>? isCertified = null)
{
    private const string Local = "localhost";

    private readonly HashSet<string> names = new(names, StringComparer.OrdinalIgnoreCase);

    /// <exception cref="RequestRefusedException">A page of another site may have sent it.</exception>
    public void Run(HttpRequest request)
    {
        string name = request.Host.Host;
        if (!IsOwn(name))
            throw new RequestRefusedException(
                StatusCode.PermissionDenied,
                $"this coordinator does not know that {name} leads to it; use its address, or start it with --http-name {name}");
        string? origin = request.Headers.Origin;
        if (origin is not null && !IsSame(origin, request.Host))
            throw new RequestRefusedException(
                StatusCode.PermissionDenied, $"a page of {origin} may not call this coordinator; leave the header Origin out");
    }

    /// <summary>The name of an attacker's own domain is none of these.</summary>
    private bool IsOwn(string name) =>
        IPAddress.TryParse(name.Trim('[', ']'), out _)
        || name.Equals(Local, StringComparison.OrdinalIgnoreCase)
        || name.EndsWith($".{Local}", StringComparison.OrdinalIgnoreCase)
        || names.Contains(name)
        || isCertified?.Invoke(name) == true;

    private static bool IsSame(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase);
}
