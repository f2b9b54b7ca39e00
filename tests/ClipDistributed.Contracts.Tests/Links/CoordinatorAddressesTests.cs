using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;

namespace ClipDistributed.Contracts.Tests.Links;

public class CoordinatorAddressesTests
{
    [Fact]
    public void Turn_Several_PausesWhenAllWereTried()
    {
        var addresses = new CoordinatorAddresses("http://a:1, http://b:2,http://c:3", "--coordinator");
        Assert.Equal("http://a:1", addresses.Current);
        Assert.False(addresses.Turn());
        Assert.Equal("http://b:2", addresses.Current);
        Assert.False(addresses.Turn());
        Assert.True(addresses.Turn());
        Assert.Equal("http://a:1", addresses.Current);

        Assert.False(addresses.Turn());
        addresses.Served(); // b did, then broke off
        Assert.False(addresses.Turn());
        Assert.False(addresses.Turn());
        Assert.True(addresses.Turn());
        Assert.Equal("http://b:2", addresses.Current);
    }

    [Fact]
    public void Turn_OneAddress_PausesEachTime()
    {
        var addresses = new CoordinatorAddresses("http://a:1", "--coordinator");
        Assert.True(addresses.Turn());
        Assert.Equal("http://a:1", addresses.Current);
    }

    [Theory]
    [InlineData("a", "http://a:7071")]
    [InlineData("a:80", "http://a:80")]
    [InlineData("localhost:7072", "http://localhost:7072")]
    [InlineData("10.0.0.1", "http://10.0.0.1:7071")]
    [InlineData("[::1]:7073", "http://[::1]:7073")]
    [InlineData("::1", "http://[::1]:7071")]
    [InlineData("https://a:7071", "https://a:7071")]
    public void New_NoScheme_IsHttpAndTheCoordinatorsPort(string given, string expected) =>
        Assert.Equal(["http://b:1", expected], new CoordinatorAddresses($"http://b:1, {given}", "--coordinator").All);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:port")]
    [InlineData("http://a:7071,")]
    [InlineData("http://a:7071,ftp://b")]
    public void New_NoAddress_IsRefused(string list) =>
        Assert.Equal($"--coordinator is '{list}'; give an address such as http://127.0.0.1:7071, or several, separated by commas.",
            Assert.Throws<BadInputException>(() => new CoordinatorAddresses(list, "--coordinator")).Message);
}
