using ClipDistributed.Contracts.Links;

namespace ClipDistributed.Contracts.Tests.Links;

public sealed class TokenTextTests
{
    [Fact]
    public void New_Twice_AreTwoThatCanBeRead()
    {
        var (first, second) = (TokenText.New(), TokenText.New());
        Assert.NotEqual(first.Text, second.Text);
        Assert.Equal(first, TokenText.TryParse(first.Text));
        Assert.Equal(first.Hash(), TokenText.TryParse(first.Text)!.Value.Hash());
        Assert.NotEqual(first.Hash(), second.Hash());
    }

    [Fact]
    public void ToString_Token_HasNoSecret()
    {
        var token = TokenText.New();
        Assert.Equal($"clipd_{token.Id}", $"{token}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("clipd_")]
    [InlineData("clipd_0123456789ab_")]
    [InlineData("clipd_0123456789ab_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ")]
    [InlineData("clipd_0123456789AB_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("clipd_0123456789ab_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+")]
    [InlineData("other_0123456789ab_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void TryParse_OtherForm_IsNone(string text) => Assert.Null(TokenText.TryParse(text));
}
