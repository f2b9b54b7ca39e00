using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>Which of this host's addresses leads to the coordinator, and so to its other hosts.</summary>
internal static class LocalAddress
{
    /// <summary>Asks the routing table: a UDP socket is given its source address when it is connected, and nothing is sent.</summary>
    /// <exception cref="BadInputException">The coordinator's name does not resolve, or there is no route to it.</exception>
    public static string Towards(Uri coordinator)
    {
        try
        {
            var target = Dns.GetHostAddresses(coordinator.DnsSafeHost)[0];
            using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPEndPoint(target, coordinator.Port));
            return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
        }
        catch (SocketException unknown)
        {
            throw new BadInputException(
                $"The local address towards {coordinator} is not known ({unknown.Message}); check the "
                    + $"coordinator's address, or give --address."
            );
        }
    }

    /// <summary>The network interface that has an address, by its name.</summary>
    /// <param name="address">An address, or an interface already.</param>
    /// <returns>Null: none has it.</returns>
    public static string? InterfaceOf(string address)
    {
        if (!IPAddress.TryParse(address, out var ip))
            return address;
        return NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(each =>
            each.GetIPProperties().UnicastAddresses.Any(at => at.Address.Equals(ip))
            || IPAddress.IsLoopback(ip) && each.NetworkInterfaceType == NetworkInterfaceType.Loopback)?.Name;
    }
}
