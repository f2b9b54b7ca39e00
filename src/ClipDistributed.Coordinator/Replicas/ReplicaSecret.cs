using System.Security.Cryptography;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>
/// A secret of a replica: passed to it at its launch or over its link, and sent with each of its calls. The coordinator keeps only its
/// hash, which authenticates no call.
/// </summary>
/// <param name="Value">For the replica alone; never stored or logged.</param>
/// <param name="Hash">SHA-256, which suffices for random bytes.</param>
internal readonly record struct ReplicaSecret(ByteString Value, byte[] Hash)
{
    private const int Bytes = 32;

    public static ReplicaSecret New()
    {
        byte[] value = RandomNumberGenerator.GetBytes(Bytes);
        return new ReplicaSecret(ByteString.CopyFrom(value), SHA256.HashData(value));
    }

    public override string ToString() => nameof(ReplicaSecret);
}
