using System.Net;
using System.Net.Sockets;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Access;

/// <summary>
/// How many refused log-ins an address has left: a token bucket for each, of an IPv6 address for its network. Callers whose token is
/// valid are never counted, so that no caller locks out others of its address. Memory is bounded: addresses that find no place share
/// a bucket. Thread-safe.
/// </summary>
internal sealed class FailedLogIns(CoordinatorOptions options, TimeProvider time)
{
    /// <summary>Addresses at most.</summary>
    public const int MaxAddresses = 1_000;

    private const int NetworkBytes = 8; // of IPv6, a /64

    private static readonly IPAddress Others = IPAddress.None;

    private readonly int burst = options.Limits.FailedLogIns;
    private readonly TimeSpan period = options.Limits.FailedLogInPeriod;
    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, Bucket> buckets = []; // under the gate

    /// <summary>Counts one.</summary>
    /// <param name="wait">How long until the next one is heard.</param>
    /// <returns>False: there are too many.</returns>
    public bool TryTake(IPAddress address, out TimeSpan wait)
    {
        lock (gate)
        {
            var bucket = Find(Network(address));
            double left = Math.Min(burst, bucket.Left + time.GetElapsedTime(bucket.At) / period);
            bool isTaken = left >= 1;
            (bucket.Left, bucket.At) = (isTaken ? left - 1 : left, time.GetTimestamp());
            wait = isTaken ? TimeSpan.Zero : (1 - left) * period;
            return isTaken;
        }
    }

    private Bucket Find(IPAddress network)
    {
        if (buckets.TryGetValue(network, out var found))
            return found;
        if (buckets.Count >= MaxAddresses)
        {
            foreach (var (other, full) in buckets.ToList())
            {
                if (full.Left + time.GetElapsedTime(full.At) / period >= burst)
                    buckets.Remove(other);
            }
        }
        if (buckets.Count >= MaxAddresses)
            network = Others;
        if (!buckets.TryGetValue(network, out found))
            buckets[network] = found = new Bucket { Left = burst, At = time.GetTimestamp() };
        return found;
    }

    private static IPAddress Network(IPAddress address)
    {
        address = CallerAddress.Plain(address);
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        byte[] bytes = address.GetAddressBytes();
        Array.Clear(bytes, NetworkBytes, bytes.Length - NetworkBytes);
        return new IPAddress(bytes);
    }

    private sealed class Bucket
    {
        public double Left { get; set; }

        public long At { get; set; }
    }
}
