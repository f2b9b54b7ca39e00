using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd coordinator</c> with options that cannot be used.</summary>
public sealed class CoordinatorCommandTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Theory]
    [InlineData("--store Host=db;Password=geheim", "error: --store holds a password")]
    [InlineData("--store Host=db --state /tmp/none", "error: --state and --store exclude each other; give one of them.")]
    [InlineData(
        "--store Host=127.0.0.1;Port=1;Username=clipd",
        "error: PostgreSQL at 127.0.0.1:1, database clipd cannot be used (Connection refused"
    )]
    public void Coordinator_StoreCannotBeUsed_IsRefused(string arguments, string expected)
    {
        var result = Clipd.Run(Folder, ["coordinator", "--listen", "127.0.0.1:0", .. arguments.Split(' ')]);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(expected, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Coordinator_RebuildOfNothing_IsRefused()
    {
        var result = Clipd.Run(Folder, "coordinator", "--listen", "127.0.0.1:0", "--rebuild", "/none/at/all");
        Assert.Equal(
            (2, "error: --rebuild: /none/at/all does not exist; name run directories, or a folder of them."),
            (result.ExitCode, Assert.Single(result.ErrorLines))
        );
    }
}
