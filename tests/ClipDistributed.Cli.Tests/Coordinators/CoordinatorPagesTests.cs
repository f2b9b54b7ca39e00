using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Files;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Coordinators;

/// <summary>The dashboard of the built program: of its folder alone, and of one command alone.</summary>
public sealed partial class CoordinatorPagesTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Fact]
    public async Task Coordinator_LinkInItsFile_OpensPagesWithTheirFiles()
    {
        using var state = new TemporaryFolder();
        using var coordinator = Clipd.Start(
            Folder,
            "coordinator", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--state", state.File("state"), "--exit-with-parent");
        const string page = "dashboard: ", mark = "sign-in link: in ";
        string address = coordinator.LineWith(page)[page.Length..], file = coordinator.LineWith(mark)[mark.Length..];
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var link = new Uri(SecretFile.TryRead(file)!);
        Assert.StartsWith($"{address}/sign-in/link?code=", $"{link}", StringComparison.Ordinal);
        using var browser = new HttpClient { BaseAddress = new Uri(address) };

        string runs = await browser.GetStringAsync(link);

        Assert.Contains("No runs yet", runs, StringComparison.Ordinal);
        var files = PageFile().Matches(runs).Select(match => match.Groups[1].Value).Append("/assets/echarts.common.min.js");
        foreach (string asset in files)
        {
            using var response = await browser.GetAsync(asset);
            Assert.Equal((asset, HttpStatusCode.OK), (asset, response.StatusCode));
        }
        Assert.Contains("ClipDistributed.Dashboard.dll", LoadedBy(coordinator), StringComparison.Ordinal);
        coordinator.CloseInput();
        var ended = coordinator.Finish();
        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain(link.Query, $"{ended.Output}{ended.Errors}", StringComparison.Ordinal); // which a log would keep
        Assert.DoesNotContain("XML encryptor", ended.Errors, StringComparison.Ordinal); // of keys that are not used
    }

    [Fact]
    public async Task RunList_WhileItWaitsForItsAnswer_HasLoadedNothingOfTheDashboard()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var command = Clipd.Start(Folder, "run", "list", "--coordinator", $"http://{silent.LocalEndpoint}");
        using var call = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        string loaded = LoadedBy(command);
        Assert.Contains("clipd.dll", loaded, StringComparison.Ordinal);
        Assert.DoesNotContain("ClipDistributed.Dashboard", loaded, StringComparison.Ordinal);
        Assert.DoesNotContain("MudBlazor", loaded, StringComparison.Ordinal);
        command.Kill();
    }

    /// <summary>The files that a process has mapped.</summary>
    private static string LoadedBy(Clipd process) => File.ReadAllText($"/proc/{process.Id}/maps");

    [GeneratedRegex("(?:src|href)=\"(/assets/[^\"]+)\"")]
    private static partial Regex PageFile();
}
