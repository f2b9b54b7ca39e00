using ClipDistributed.Cli.Commands;
using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>The filters of <c>clipd job list</c>, <c>run list</c> and <c>host list</c>.</summary>
public sealed class ListFilterTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Lists_WithFilters_AskForThoseAlone()
    {
        await using var control = await ScriptedControl.StartAsync();
        Assert.Equal("no such jobs; clipd job list shows all\n", Run("job", "list", "--name", "demo", "--since", "2026-01-31"));
        Assert.Equal(("demo", 1769817600), (control.ListedJobs!.NamePrefix, control.ListedJobs.SubmittedSince.Seconds));
        Assert.Null(control.ListedJobs.SubmittedBefore);
        Run("run", "list", "--before", "2026-01-31T12:00Z");
        Assert.Equal(1769860800, control.Listed!.SubmittedBefore.Seconds);
        Assert.Equal("no such hosts; clipd host list shows all\n", Run("host", "list", "--state", "lost,drained"));
        Assert.Equal([HostState.Lost, HostState.Drained], control.ListedHosts!.States);
        Run("host", "list");
        Assert.Empty(control.ListedHosts.States);

        string Run(params string[] command)
        {
            var result = Clipd.Run(Path.GetTempPath(), [.. command, "--coordinator", control.Address]);
            Assert.Equal((0, ""), (result.ExitCode, result.Errors));
            return result.Output;
        }
    }

    [Theory]
    [InlineData("run list --since yesterday", "--since is 'yesterday'; use ")]
    [InlineData("job list --before tomorrow", "--before is 'tomorrow'; use ")]
    [InlineData("logs demo-1 --since yesterday", "--since is 'yesterday'; use ")]
    [InlineData("host list --state ready,away", "--state is 'away'; use ready, drained, quarantined, lost.")]
    public void Lists_WrongFilter_IsOneLine(string command, string part)
    {
        var result = Clipd.Run(Path.GetTempPath(), command.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"error: {part}", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-02-01", "2026-02-01T00:00:00Z")]
    [InlineData("2026-02-01T10:30Z", "2026-02-01T10:30:00Z")]
    [InlineData("2026-02-01T10:30:05Z", "2026-02-01T10:30:05Z")]
    [InlineData("90s", "2026-03-01T11:58:30Z")]
    [InlineData("90m", "2026-03-01T10:30:00Z")]
    [InlineData("12h", "2026-03-01T00:00:00Z")]
    [InlineData("7d", "2026-02-22T12:00:00Z")]
    public void Parse_TimeOrAge_IsThatMoment(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), TimeOptions.Parse(text, Now));

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("2147483647d")]
    [InlineData("99999999999d")]
    [InlineData("1w")]
    [InlineData("2026-02-30")]
    [InlineData("2026-02-01T10:30")]
    public void Parse_AnythingElse_IsNone(string text) => Assert.Null(TimeOptions.Parse(text, Now));
}
