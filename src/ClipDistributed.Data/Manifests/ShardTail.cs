using System.Security.Cryptography;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Manifests;

/// <summary>
/// A cheap digest of a shard: of its last bytes, where a Parquet file says where each of its column chunks lies and how long
/// it is. Other images or captions change that, a copy does not.
/// </summary>
internal static class ShardTail
{
    private const int Bytes = 1 << 16;

    /// <returns>SHA-256, hexadecimal.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string Digest(string path)
    {
        using var file = InputFile.OpenRegular(path, bufferSize: 1);
        file.Seek(-Math.Min(Bytes, file.Length), SeekOrigin.End);
        byte[] tail = new byte[Math.Min(Bytes, file.Length)];
        int read = file.ReadAtLeast(tail, tail.Length, throwOnEndOfStream: false);
        return Convert.ToHexStringLower(SHA256.HashData(tail.AsSpan(0, read)));
    }
}
