using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives;

/// <summary>The address to listen on. Gloo 0.5 takes unknown names for granted and then reads uninitialised memory: only addresses
/// that exist reach it.</summary>
internal static class CollectiveAddress
{
    /// <exception cref="BadInputException">Neither an address nor an interface of this machine.</exception>
    public static string Resolve(string configured)
    {
        var interfaces = NetworkInterface
            .GetAllNetworkInterfaces()
            .Select(found => (found.Name, Addresses: found.GetIPProperties().UnicastAddresses.Select(entry => entry.Address).ToList()))
            .ToList();
        if (IPAddress.TryParse(configured, out var address))
        {
            if (interfaces.Any(found => found.Addresses.Contains(address)) || IPAddress.IsLoopback(address))
                return address.ToString();
        }
        else if (interfaces.FirstOrDefault(found => found.Name == configured).Addresses is { Count: > 0 } ofInterface)
        {
            return (ofInterface.Find(each => each.AddressFamily == AddressFamily.InterNetwork) ?? ofInterface[0]).ToString();
        }
        string known = string.Join(
            ", ",
            interfaces.Where(found => found.Addresses.Count > 0).Select(found => $"{found.Name} ({string.Join(", ", found.Addresses)})")
        );
        throw new BadInputException(
            $"The collective address \"{configured}\" is neither an IP address nor a network interface of this machine; it has {known}."
        );
    }
}
