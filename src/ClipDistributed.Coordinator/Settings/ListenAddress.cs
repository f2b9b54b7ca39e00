using System.Globalization;
using System.Net;

namespace ClipDistributed.Coordinator.Settings;

/// <summary>An address to listen on, as in <c>127.0.0.1:7071</c>, <c>[::1]:0</c> or <c>localhost:7071</c>.</summary>
internal static class ListenAddress
{
    public static IPEndPoint Parse(string listen) =>
        TryParse(listen, out var found) ? found : throw new InvalidOperationException($"{listen} was not checked.");

    public static bool TryParse(string listen, out IPEndPoint endPoint)
    {
        int colon = listen.LastIndexOf(':');
        string host = colon < 0 ? "" : listen[..colon];
        endPoint = new IPEndPoint(IPAddress.Loopback, 0);
        if (!ushort.TryParse(listen[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return false;
        if (host == "localhost")
            endPoint.Port = port;
        else if (IPAddress.TryParse(host, out var address))
            endPoint = new IPEndPoint(address, port);
        else
            return false;
        return true;
    }
}
