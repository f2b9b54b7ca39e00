using System.Text;
using ClipDistributed.Contracts.Links;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The caller of a call, as far as it is known: the name that the client sends, and its address.</summary>
internal static class Caller
{
    private const int MaxLength = 100;

    /// <returns>As in <c>ann@workstation (10.0.0.7)</c>.</returns>
    public static string Of(ServerCallContext context)
    {
        try
        {
            return Describe(context.RequestHeaders.GetValueBytes(RequesterHeader.Name), context.Peer);
        }
        catch (FormatException)
        {
            return Describe(name: null, context.Peer); // a header that is not base 64
        }
    }

    /// <param name="name">UTF-8; null: the client sends none.</param>
    /// <param name="peer">As gRPC writes it, such as <c>ipv4:10.0.0.7:53412</c>.</param>
    public static string Describe(byte[]? name, string peer)
    {
        string[] parts = peer.Split(':', 2);
        string address = parts.Length == 2 && parts[0] is "ipv4" or "ipv6"
            ? Uri.UnescapeDataString(parts[1][..Math.Max(0, parts[1].LastIndexOf(':'))])
            : peer;
        string text = Encoding.UTF8.GetString(name ?? []);
        string shown = new([.. text.Take(MaxLength).Where(one => !char.IsControl(one))]);
        return shown == "" ? address : $"{shown} ({address})";
    }
}
