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

    /// <summary>The network interface that has an address, for people.</summary>
    public static string InterfaceOf(string address) =>
        NetworkInterface.GetAllNetworkInterfaces()
            .FirstOrDefault(one => one.GetIPProperties().UnicastAddresses.Any(at => at.Address.Equals(IPAddress.Parse(address))))?.Name
        ?? "an interface that is not known";
}
