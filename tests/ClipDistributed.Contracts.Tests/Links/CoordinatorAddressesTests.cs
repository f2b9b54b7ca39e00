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
    [InlineData("")]
    [InlineData("a:7071")]
    [InlineData("http://a:7071,")]
    [InlineData("http://a:7071,ftp://b")]
    public void New_NoAddress_IsRefused(string list) =>
        Assert.Equal($"--coordinator is '{list}'; give an address such as http://127.0.0.1:7071, or several, separated by commas.",
            Assert.Throws<BadInputException>(() => new CoordinatorAddresses(list, "--coordinator")).Message);
}
