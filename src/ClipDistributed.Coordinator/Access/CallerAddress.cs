using System.Net;

namespace ClipDistributed.Coordinator.Access;

/// <summary>Network addresses of callers, as they are shown and counted.</summary>
internal static class CallerAddress
{
    /// <summary>IPv4 where it is that in the clothes of IPv6, as sockets for both have it.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
