using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Tests.Streams;

public class PhiloxTests
{
    // The known answers of the Random123 distribution (kat_vectors, philox4x32 with 10 rounds).
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(
        0x243f6a88u,
        0x85a308d3u,
        0x13198a2eu,
        0x03707344u,
        0xa4093822u,
        0x299f31d0u,
        0xd16cfe09u,
        0x94fdccebu,
        0x5001e420u,
        0x24126ea1u
    )]
    public void Run_KnownAnswers_AreMet(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint w0, uint w1, uint w2, uint w3) =>
        Assert.Equal(new PhiloxWords(w0, w1, w2, w3), Philox.Run(new PhiloxKey(k0, k1), c0, c1, c2, c3));

    [Fact]
    public void NextWord_FiveWords_CrossesIntoTheNextDraw()
    {
        var key = new PhiloxKey(1, 2);
        var sequence = new PhiloxSequence(key, 3, 4, 5);
        var words = Enumerable.Range(0, 5).Select(_ => sequence.NextWord()).ToArray();

        var (first, second) = (Philox.Run(key, 0, 3, 4, 5), Philox.Run(key, 1, 3, 4, 5));
        Assert.Equal(new[] { first.W0, first.W1, first.W2, first.W3, second.W0 }, words);
    }
}
