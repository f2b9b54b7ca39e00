using ClipDistributed.Cli.Exports;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Cli.Tests.Exports;

public sealed class MlflowServerTests
{
    [Theory]
    [InlineData("http://ann:secret@127.0.0.1:5000")]
    [InlineData("databricks://ann:secret@a")]
    [InlineData("ann:secret@a:5000")]
    [InlineData("http://ann:secret @a:b")]
    public void Of_AddressWithAPassword_IsRefusedWithoutIt(string address)
    {
        var refused = Assert.Throws<BadInputException>(() => MlflowServer.Of(address, null));
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }
}
