using System.Security.Cryptography;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.ParquetShards;

/// <summary>The digest of the end of a Parquet file, where its footer lies.</summary>
internal static class FooterDigest
{
    private const int Bytes = 1 << 16;

    /// <returns>SHA-256, hexadecimal.</returns>
    /// <exception cref="IOException">The shard cannot be read.</exception>
    public static string Of(IByteSource source)
    {
        byte[] end = new byte[Math.Min(Bytes, source.Length)];
        source.Read(source.Length - end.Length, end);
        return Convert.ToHexStringLower(SHA256.HashData(end));
    }
}
