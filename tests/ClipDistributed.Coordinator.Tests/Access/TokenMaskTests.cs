using ClipDistributed.Coordinator.Access;

namespace ClipDistributed.Coordinator.Tests.Access;

public class TokenMaskTests
{
    private const string Own = "clipd_0123456789ab_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP-_0", Jwt = "eyJhbGciOi.eyJzdWIi.c2ln";

    [Theory]
    [InlineData(Own, "clipd_0123456789ab_…")]
    [InlineData($"demo-1, owner={Own}, x", "demo-1, owner=clipd_0123456789ab_…, x")]
    [InlineData($"as {Jwt} says", "as … says")]
    [InlineData("clipd_0123456789ab", "clipd_0123456789ab")] // an id is no secret
    [InlineData("demo-1", "demo-1")]
    public void Apply_OfTexts_HidesTokensAlone(string text, string shown)
    {
        Assert.Equal(shown, TokenMask.Apply(text));
        Assert.Equal(text != shown, TokenMask.IsIn(text));
    }
}
