using System.Diagnostics;

namespace ClipDistributed.Collectives;

internal static class RendezvousWaits
{
    // A wait that is cut into pieces ends soon after an abort.
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(200);

    /// <summary>The value, or null if no member set it in time or the wait was cancelled.</summary>
    public static byte[]? Find(this IRendezvous rendezvous, string key, TimeSpan timeout, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        while (!cancel.IsCancellationRequested && Stopwatch.GetElapsedTime(start) < timeout)
        {
            try
            {
                return rendezvous.Get(key, Piece);
            }
            catch (TimeoutException)
            {
                // Not yet: the next piece.
            }
        }
        return null;
    }
}
