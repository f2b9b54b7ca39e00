using ClipDistributed.Coordinator.Control.OpenApi;
using Google.Rpc;

namespace ClipDistributed.Coordinator.Tests.Control.OpenApi;

public sealed class RpcCommentTests
{
    [Theory]
    [InlineData("Does it.", "Does it.", "")]
    [InlineData("Does it. And more. So.", "Does it.", "And more. So.")]
    [InlineData("", "", "")]
    [InlineData("Sends GREETINGS: that is no error.", "Sends GREETINGS: that is no error.", "")]
    public void Parse_WithoutErrors_IsTheTextAlone(string comment, string summary, string description)
    {
        var parsed = RpcComment.Parse(comment);
        Assert.Equal((summary, description), (parsed.Summary, parsed.Description));
        Assert.Empty(parsed.Errors);
    }

    [Fact]
    public void Parse_WithErrors_HasEachWithItsSentence()
    {
        var parsed = RpcComment.Parse(
            "All of them. INVALID_ARGUMENT, here and elsewhere: no page. NOT_FOUND: no run; or none: it has ended.");
        Assert.Equal(("All of them.", ""), (parsed.Summary, parsed.Description));
        Assert.Equal([(Code.InvalidArgument, "no page."), (Code.NotFound, "no run; or none: it has ended.")], parsed.Errors);
        Assert.Equal((Code.NotFound, "there is none."), Assert.Single(RpcComment.Parse("NOT_FOUND: there is none.").Errors));
    }
}
