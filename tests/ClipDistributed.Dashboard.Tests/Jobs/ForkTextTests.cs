using ClipDistributed.Dashboard.Jobs;

namespace ClipDistributed.Dashboard.Tests.Jobs;

public sealed class ForkTextTests
{
    [Theory]
    [InlineData("demo-1", "demo-1", 0, 0)]
    [InlineData("demo-1@1200", "demo-1", 1200, 0)]
    [InlineData("demo-1@2/1200", "demo-1", 1200, 2)]
    public void Parse_Checkpoint_IsWhatTheAddressNames(string text, string runId, long step, int attempt)
    {
        var fork = ForkText.Parse(text)!;
        Assert.Equal((runId, step, attempt), (fork.RunId, fork.Step, fork.Attempt));
    }

    [Theory]
    [InlineData("")]
    [InlineData("demo-1@")]
    [InlineData("demo-1@0")]
    [InlineData("demo-1@-3")]
    [InlineData("@12")]
    [InlineData("demo-1@0/12")]
    [InlineData("demo-1@1/2/3")]
    [InlineData("demo-1@99999999999/12")]
    public void Parse_NoCheckpoint_IsRefused(string text) => Assert.Null(ForkText.Parse(text));
}
