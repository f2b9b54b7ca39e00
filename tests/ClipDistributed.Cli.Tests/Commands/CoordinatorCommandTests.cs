using ClipDistributed.Cli.Commands;
using ClipDistributed.TestKit.Coordinators;
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

    [Theory]
    [InlineData(null, true, "127.0.0.1:7070")]
    [InlineData(null, false, null)]
    [InlineData("none", true, null)]
    [InlineData("10.0.0.1:80", true, "10.0.0.1:80")]
    [InlineData("10.0.0.1:80", false, "10.0.0.1:80")]
    public void Http_ByDefault_IsServedBesideTheDefaultPortAlone(string? given, bool isDefault, string? expected) =>
        Assert.Equal(expected, CoordinatorCommand.Http(given, isDefault));

    [Fact]
    public async Task Coordinator_Http_IsAnnouncedAndServesJson()
    {
        string state = Directory.CreateTempSubdirectory("clipd-test-").FullName;
        using (var coordinator = Clipd.Start(
            Folder, "coordinator", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--state", state, "--exit-with-parent"))
        {
            coordinator.WaitFor("coordinator: http://127.0.0.1:");
            const string mark = "JSON and metrics: ";
            string address = coordinator.LineWith(mark)[mark.Length..];
            using var client = new HttpClient(new TokenHandler(TokenHandler.Local(state)));
            Assert.Contains("\"runs\":[]", await client.GetStringAsync($"{address}/v1/runs"), StringComparison.Ordinal);
            Assert.NotNull(await client.GetStringAsync($"{address}/metrics"));
            var wrongPort = Clipd.Run(Folder, "run", "list", "--coordinator", address);
            Assert.Equal(2, wrongPort.ExitCode);
            Assert.StartsWith(
                $"error: {address} does not speak gRPC; give the address that clipd coordinator prints first",
                Assert.Single(wrongPort.ErrorLines),
                StringComparison.Ordinal);
            coordinator.CloseInput();
            Assert.Equal(0, coordinator.Finish().ExitCode);
        }
        Directory.Delete(state, recursive: true);
    }

    [Theory]
    [InlineData("--listen 0.0.0.0:0", "error: --listen is 0.0.0.0:0, which other machines can reach, and needs TLS: make a certificate "
        + "with clipd certs init certs and add --cert certs/server.pem --key certs/server.key; or ")]
    [InlineData("--client-ca ca.pem", "error: --client-ca is given without --cert; ")]
    [InlineData("--cert /none/at/all", "error: --cert: /none/at/all ")]
    public void Coordinator_TlsCannotBeUsed_IsRefused(string arguments, string expected)
    {
        var result = Clipd.Run(Folder, ["coordinator", "--http", "none", "--state", "/none/at/all", .. arguments.Split(' ')]);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(expected, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    /// <summary>As an admin makes them on the coordinator's machine, and as their owner uses them.</summary>
    [Fact]
    public void Token_MadeListedUsedAndRevoked_IsWhatTheCommandsSay()
    {
        string state = Directory.CreateTempSubdirectory("clipd-test-").FullName;
        using (var coordinator = Clipd.Start(Folder, "coordinator", "--listen", "127.0.0.1:0", "--state", state, "--exit-with-parent"))
        {
            const string mark = "coordinator: ";
            string address = coordinator.LineWith(mark)[mark.Length..];
            string admin = Path.Combine(state, "token"), ann = Path.Combine(state, "ann");
            var made = Run(admin, "token", "create", "--role", "viewer", "--owner", "ann", "--expires", "30d", "--out", ann);
            Assert.Matches($"^token [0-9a-f]{{12}} of ann, viewer, is in {ann}\n$", made.Output);
            Assert.Matches(
                "^clipd_[0-9a-f]{12}_[0-9A-Za-z_-]{43}\n$",
                Run(admin, "token", "create", "--role", "host", "--host", "a", "--owner", "rack").Output);
            Assert.Equal("no runs; clipd submit spec.yaml begins one\n", Run(ann, "run", "list").Output);
            var denied = Run(ann, "run", "cancel", "demo-1");
            Assert.Equal(
                (2, "error: ann has a token of role viewer, and this needs operator; ask an admin for such a token"),
                (denied.ExitCode, Assert.Single(denied.ErrorLines)));
            string id = made.Output.Split(' ')[1];
            Assert.Matches($@"(?m)^{id} +ann +viewer +valid until \S+ \S+Z ", Run(admin, "token", "list").Output);
            Assert.Equal($"token {id} is revoked\n", Run(admin, "token", "revoke", id).Output);
            var refused = Run(ann, "run", "list");
            Assert.Equal(
                (2, $"error: token clipd_{id} of ann was revoked; ask an admin for another"),
                (refused.ExitCode, Assert.Single(refused.ErrorLines)));
            Assert.Equal(2, Run("none", "run", "list").ExitCode);
            string audit = Run(admin, "audit", "list").Output;
            Assert.Matches($@"(?m)^\S+ \S+ +- +{id} +127\.0\.0\.1 +ListRuns +UNAUTHENTICATED$", audit);
            Assert.Matches($@"(?m)^\S+ \S+ +\S+@\S+ +\S+ +127\.0\.0\.1 +RevokeToken +{id} +OK$", audit);
            Assert.Matches(@"(?m)^store +sqlite$", Run(admin, "coordinator", "show").Output);

            ClipdResult Run(string tokenFile, params string[] command) =>
                Clipd.Run(state, [.. command, "--coordinator", address, "--token-file", tokenFile]);
        }
        Directory.Delete(state, recursive: true);
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
