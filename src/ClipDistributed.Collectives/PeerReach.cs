using System.Net;
using System.Net.Sockets;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives;

/// <summary>
/// Answers on the network of the collectives, so that members of a group see before they form it whether they reach each
/// other: an engine waits for a peer that nothing leads to as long as for a slow one, and does not say which one it is.
/// </summary>
public sealed class PeerReach : IDisposable
{
    // Packets get lost; all tries together take less than the coordinator waits for reports of how a generation ended.
    private const int Tries = 5;
    private static readonly TimeSpan TryTimeout = TimeSpan.FromMilliseconds(500);

    private readonly Socket listener;

    /// <param name="address">An IP address of this machine, or one of its network interfaces by name.</param>
    /// <exception cref="BadInputException">It is neither.</exception>
    public PeerReach(string address)
    {
        var ip = IPAddress.Parse(CollectiveAddress.Resolve(address));
        listener = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(ip, 0));
        listener.Listen();
        Address = listener.LocalEndPoint!.ToString()!;
        _ = AnswerAsync();
    }

    /// <summary>For the other members, as in <c>10.0.0.2:40123</c>.</summary>
    public string Address { get; }

    /// <summary>Asks all others at once, for two and a half seconds at most.</summary>
    /// <param name="addresses">Of all ranks; an empty one is not asked.</param>
    /// <returns>The ranks that nothing leads to. One whose process is gone is reached: its host answers for it.</returns>
    public static IReadOnlyList<int> Unreached(IReadOnlyList<string> addresses, int rank)
    {
        var asked = addresses.Select(
            (address, peer) => peer == rank || address == "" ? Task.FromResult(true) : AnswersAsync(IPEndPoint.Parse(address))
        );
        bool[] answers = Task.WhenAll(asked).GetAwaiter().GetResult();
        return [.. Enumerable.Range(0, addresses.Count).Where(peer => !answers[peer])];
    }

    public void Dispose() => listener.Dispose();

    private static async Task<bool> AnswersAsync(IPEndPoint peer)
    {
        for (int i = 0; i < Tries; i++)
        {
            if (await AnswersOnceAsync(peer))
                return true;
        }
        return false;
    }

    private static async Task<bool> AnswersOnceAsync(IPEndPoint peer)
    {
        using var late = new CancellationTokenSource(TryTimeout);
        using var socket = new Socket(peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(peer, late.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (SocketException failed)
        {
            if (failed.SocketErrorCode == SocketError.ConnectionRefused)
                return true;
            await Task.Delay(TryTimeout / 5); // a route that is missing for a moment fails at once
            return false;
        }
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
                (await listener.AcceptAsync()).Dispose();
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // The socket is closed: this process answers no longer.
        }
    }
}
