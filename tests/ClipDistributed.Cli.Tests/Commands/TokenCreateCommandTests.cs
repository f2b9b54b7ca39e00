using ClipDistributed.Cli.Commands;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

public sealed class TokenCreateCommandTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("30d", "2026-02-01 03:04")]
    [InlineData("12h", "2026-01-02 15:04")]
    [InlineData("90m", "2026-01-02 04:34")]
    public void Expiry_Time_CountsFromNow(string given, string expected) =>
        Assert.Equal(expected, $"{TokenCreateCommand.Expiry(given, Now)!.ToDateTime():yyyy-MM-dd HH:mm}");

    [Theory]
    [InlineData("")]
    [InlineData("0d")]
    [InlineData("-1d")]
    [InlineData("30")]
    [InlineData("30 d")]
    [InlineData("1y")]
    [InlineData("9999999d")]
    [InlineData("99999999999999999999d")]
    public void Expiry_NoTime_IsRefused(string given) =>
        Assert.Contains(
            $"--expires is '{given}'", Assert.Throws<BadInputException>(() => TokenCreateCommand.Expiry(given, Now)).Message,
            StringComparison.Ordinal);

    /// <summary>It may hold the token that a worker reads; none is made that no file would hold.</summary>
    [Fact]
    public void Create_FileIsThere_IsRefusedUnlessForced()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.token"), "kept");
        string[] create = ["token", "create", "--role", "viewer", "--owner", "ann", "--out", "a.token", "--coordinator", "127.0.0.1:1"];
        var refused = Clipd.Run(folder.Path, create);
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith(
            $"error: --out is {folder.File("a.token")}, which is there already",
            Assert.Single(refused.ErrorLines),
            StringComparison.Ordinal);
        var forced = Clipd.Run(folder.Path, [.. create, "--force"]);
        Assert.Equal(3, forced.ExitCode); // it goes on to ask the coordinator, which is not there
        Assert.Equal("kept", File.ReadAllText(folder.File("a.token")));
    }

    [Theory]
    [InlineData(Role.Viewer, "", "", "viewer")]
    [InlineData(Role.Operator, "", "demo-1", "operator of demo-1")]
    [InlineData(Role.Host, "gpu-7", "", "host gpu-7")]
    public void Describe_Token_SaysWhatItMay(Role role, string host, string run, string expected) =>
        Assert.Equal(expected, TokenListing.Describe(new Token { Role = role, Host = host, RunId = run }));
}
