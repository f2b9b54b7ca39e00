using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd certs</c>, and what it made in use.</summary>
public sealed class CertsCommandTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Init_NewFolder_MakesFilesWhoseKeysTheirOwnerAloneReads()
    {
        Assert.Equal((0, ""), Ends(Run("certs", "init", "certs", "--name", "clipd.example.org", "--name", "10.0.0.1")));
        string[] made = [.. Directory.GetFiles(folder.File("certs")).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
        Assert.Equal(["ca.key", "ca.pem", "client.key", "client.pem", "server.key", "server.pem"], made);
        Assert.All(made.Where(name => name.EndsWith(".key", StringComparison.Ordinal)),
            name => Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder.File($"certs/{name}"))));
        var shown = Run("certs", "show", "certs/server.pem", "certs/ca.pem");
        Assert.Contains($"clipd.example.org, localhost, {Environment.MachineName}, 10.0.0.1, 127.0.0.1, ::1", shown.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Show_Json_IsOneDocumentForAllFiles()
    {
        Run("certs", "init", "certs", "--days", "3");
        var shown = JsonNode.Parse(Run("certs", "show", "certs/server.pem", "certs/ca.pem", "-o", "json").Output)!.AsArray();
        Assert.Equal(
            [("server.pem", false), ("ca.pem", true)],
            shown.Select(one => (Path.GetFileName((string)one!["file"]!), (bool)one["self_signed"]!)));
        Assert.Contains("localhost", shown[0]!["names"]!.AsArray().Select(name => (string)name!));
        Assert.Equal((string)shown[1]!["subject"]!, (string)shown[0]!["issuer"]!);
        Assert.InRange((DateTimeOffset)shown[0]!["valid_until"]! - DateTimeOffset.UtcNow, TimeSpan.FromDays(2.9), TimeSpan.FromDays(3));
    }

    [Fact]
    public void Init_FilesExist_LeavesThemAsTheyAre()
    {
        Directory.CreateDirectory(folder.File("certs"));
        File.WriteAllText(folder.File("certs/client.key"), "precious");
        var refused = Run("certs", "init", "certs");
        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith("error: certs/client.key exists and would be lost", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(folder.File("certs/client.key"), Assert.Single(Directory.GetFiles(folder.File("certs"))));
    }

    [Fact]
    public void Renew_FilesOfInit_MakesNewOnesOfTheSameCaAndNames()
    {
        Run("certs", "init", "certs", "--name", "10.0.0.1", "--days", "2");
        string ca = Read("ca.pem"), key = Read("server.key"), before = Run("certs", "show", "certs/server.pem").Output;
        Assert.Equal((0, ""), Ends(Run("certs", "renew", "certs", "--days", "365")));
        string[] had = Cells(before), has = Cells(Run("certs", "show", "certs/server.pem").Output);
        Assert.Equal(had[..^1], has[..^1]);
        Assert.Equal(ca, Read("ca.pem"));
        Assert.NotEqual((had[^1], key), (has[^1], Read("server.key")));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder.File("certs/client.key")));
        var authorities = CertificateFile.ReadAuthorities(folder.File("certs/ca.pem"), "ca");
        Assert.All([("server", CertificateCheck.Server), ("client", CertificateCheck.Client)], ((string Name, string Use) one) =>
            Assert.Null(new CertificateCheck(authorities, one.Use).Fault(
                CertificateFile.ReadWithKey(new(folder.File($"certs/{one.Name}.pem"), ""), new(folder.File($"certs/{one.Name}.key"), ""))
                    .Certificate,
                [],
                DateTime.UtcNow)));

        string Read(string name) => File.ReadAllText(folder.File($"certs/{name}"));

        static string[] Cells(string table) => table.Split('\n')[1].Split("  ", StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void Renew_WithoutTheCasKey_IsRefused()
    {
        Run("certs", "init", "certs");
        File.Delete(folder.File("certs/ca.key"));
        var refused = Run("certs", "renew", "certs");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("certs/ca.key does not exist", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--name a:7071", "error: --name is 'a:7071'; give ")]
    [InlineData("--days 0", "error: --days is 0; use 1 to ")]
    public void Init_OptionCannotBeUsed_IsRefused(string option, string start)
    {
        var refused = Run(["certs", "init", "certs", .. option.Split(' ')]);
        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith(start, Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("certs")));
    }

    /// <summary>A coordinator, a worker and a user with these files, and what is said where one of them is missing.</summary>
    [Fact]
    public void Init_Made_LetsThoseInThatHaveThem()
    {
        Run("certs", "init", "certs");
        Run("certs", "init", "others");
        using var coordinator = Clipd.Start(folder.Path, "coordinator", "--listen", "127.0.0.1:0", "--state", "state", "--exit-with-parent",
            "--cert", "certs/server.pem", "--key", "certs/server.key", "--client-ca", "certs/ca.pem");
        string address = coordinator.LineWith("coordinator: https://127.0.0.1:")["coordinator: ".Length..];
        string plain = address.Replace("https", "http", StringComparison.Ordinal);
        string[] token = ["--token-file", "state/token"];
        string[] worker = ["worker", "--gpus", "none", "--name", "a", "--coordinator", address, "--ca", "certs/ca.pem", .. token];
        string[] list = ["host", "list", "--coordinator", address, "--ca", "certs/ca.pem", .. token];

        Assert.StartsWith("no hosts", Run(list).Output, StringComparison.Ordinal);
        using (var byVariable = Clipd.StartThrough(
            ["env", "CLIPD_CA_FILE=certs/ca.pem", "CLIPD_TOKEN_FILE=state/token"], folder.Path, "host", "list", "--coordinator", address))
            Assert.StartsWith("no hosts", byVariable.Finish().Output, StringComparison.Ordinal);
        AssertRefused(Run("host", "list", "--coordinator", address), $"{address}: its certificate is signed by a CA that is not trusted");
        AssertRefused(Run("host", "list", "--coordinator", address, "--ca", "others/ca.pem"), $"{address}: its certificate ");
        AssertRefused(Run("host", "list", "--coordinator", address, "--ca", "certs/server.key"), "--ca: ");
        AssertRefused(Run("host", "list", "--coordinator", plain, "--ca", "not-looked-at"), $"{plain} speaks TLS; use {address}.");
        AssertRefused(Run(worker), $"The coordinator {address} does not take this host: a client certificate is needed; ");
        AssertRefused(Run([.. worker, "--client-cert", "others/client.pem", "--client-key", "others/client.key"]),
            $"The coordinator {address} does not take this host: the client certificate CN=clipd host, O=ClipDistributed is signed by ");
        AssertRefused(Run("worker", "--gpus", "none", "--coordinator", plain),
            $"The coordinator {plain} cannot be used: {plain} speaks TLS");
        using var host = Clipd.Start(folder.Path,
            [.. worker, "--exit-with-parent", "--client-cert", "certs/client.pem", "--client-key", "certs/client.key"]);
        Assert.True(SpinWait.SpinUntil(
            () => Run(list).Output.Contains("a     ready", StringComparison.Ordinal),
            TimeSpan.FromMinutes(1)));
        host.CloseInput();
        Assert.Equal(0, host.Finish().ExitCode);
        coordinator.CloseInput();
        Assert.Equal(0, coordinator.Finish().ExitCode);
    }

    private static void AssertRefused(ClipdResult result, string start)
    {
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"error: {start}", result.ErrorLines[^1], StringComparison.Ordinal); // after what a worker logs
    }

    private static (int, string) Ends(ClipdResult result) => (result.ExitCode, result.Errors);

    private ClipdResult Run(params string[] arguments) => Clipd.Run(folder.Path, arguments);
}
