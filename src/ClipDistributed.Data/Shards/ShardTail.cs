using System.Security.Cryptography;

namespace ClipDistributed.Data.Shards;

/// <summary>The digest of a shard's last bytes.</summary>
internal static class ShardTail
{
    private const int Bytes = 1 << 16;

    /// <returns>SHA-256, hexadecimal.</returns>
    /// <exception cref="IOException">The shard cannot be read.</exception>
    public static string Digest(IByteSource source)
    {
        byte[] tail = new byte[Math.Min(Bytes, source.Length)];
        source.Read(source.Length - tail.Length, tail);
        return Convert.ToHexStringLower(SHA256.HashData(tail));
    }
}
