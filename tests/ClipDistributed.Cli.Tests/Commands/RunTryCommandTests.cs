using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

public sealed class RunTryCommandTests
{
    [Fact]
    public async Task Try_Captions_ShowsWhatFitsThem()
    {
        await using var control = await ScriptedControl.StartAsync();
        var done = Clipd.Run(
            Environment.CurrentDirectory,
            ["run", "try", "demo-1", "--caption", "star", "--caption", "ring", "--coordinator", control.Address]);
        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        Assert.Contains("image 3: a ring", done.Output, StringComparison.Ordinal);
        Assert.Contains("75.0 %", done.Output, StringComparison.Ordinal);
        Assert.Contains("step 40 of attempt 1, by host a in 0.5 s", done.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error: --image and --caption are missing; give a picture, or captions, or both.")]
    [InlineData(
        "error: --labels and --caption are both given; labels stand in prompts, captions do not: give one of them.",
        "--labels", "a,b", "--caption", "c")]
    [InlineData("error: --top is 0; use 1 or more.", "--caption", "c", "--top", "0")]
    public void Try_WrongOptions_SaysWhichBeforeItAsks(string expected, params string[] options)
    {
        var done = Clipd.Run(Environment.CurrentDirectory, ["run", "try", "demo-1", "--coordinator", "127.0.0.1:1", .. options]);
        Assert.Equal(2, done.ExitCode);
        Assert.Equal([expected], done.ErrorLines);
    }
}
