namespace ClipDistributed.Data.Streams;

/// <summary>
/// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
/// A pure function: any draw of any sample is found without the draws before it.
/// </summary>
public static class Philox
{
    private const uint MultiplierA = 0xD2511F53, MultiplierB = 0xCD9E8D57;
    private const uint WeylA = 0x9E3779B9, WeylB = 0xBB67AE85;

    /// <summary>The four words that belong to one counter under one key.</summary>
    public static PhiloxWords Run(PhiloxKey key, uint c0, uint c1, uint c2, uint c3)
    {
        uint k0 = key.Low, k1 = key.High;
        for (int round = 0; round < 10; round++)
        {
            ulong a = (ulong)MultiplierA * c0, b = (ulong)MultiplierB * c2;
            (c0, c1, c2, c3) = ((uint)(b >> 32) ^ c1 ^ k0, (uint)b, (uint)(a >> 32) ^ c3 ^ k1, (uint)a);
            k0 += WeylA;
            k1 += WeylB;
        }
        return new PhiloxWords(c0, c1, c2, c3);
    }
}

/// <summary>A key of 64 bits.</summary>
public readonly record struct PhiloxKey(uint Low, uint High)
{
    /// <summary>The key under which one purpose of one epoch draws: the first two words of Philox(seed; epoch, purpose, 0, 0).</summary>
    public static PhiloxKey For(ulong seed, uint epoch, RandomPurpose purpose)
    {
        var words = Philox.Run(new PhiloxKey((uint)seed, (uint)(seed >> 32)), epoch, (uint)purpose, 0, 0);
        return new PhiloxKey(words.W0, words.W1);
    }
}

/// <summary>One block of output, in the order in which words are used.</summary>
public readonly record struct PhiloxWords(uint W0, uint W1, uint W2, uint W3);

/// <summary>What random numbers are drawn for; part of <c>order_version</c> 1, never renumbered.</summary>
public enum RandomPurpose : uint
{
    PermuteShards = 0,
    RingStart = 1,
    PermuteBlock = 2,
    Sample = 3,
}
