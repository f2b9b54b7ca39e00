using System.Net;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Dashboard.Sessions;
using ClipDistributed.Dashboard.SigningIn;
using ClipDistributed.Data.Samples;
using ClipDistributed.TestKit.Coordinators;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Dashboard.Tests;

/// <summary>A real coordinator with its dashboard, and browsers without scripts.</summary>
internal sealed partial class DashboardServer : IAsyncDisposable
{
    private readonly TemporaryFolder folder;
    private readonly WebApplication app;

    private DashboardServer(TemporaryFolder folder, WebApplication app, SignInLink link)
    {
        (this.folder, this.app) = (folder, app);
        Link = link.Renew(Address);
        Channel = TokenHandler.Open(GrpcAddress, Token);
    }

    /// <summary>Of an admin.</summary>
    public GrpcChannel Channel { get; }

    public string GrpcAddress => CoordinatorHost.Address(app);

    public string Address => CoordinatorHost.HttpAddress(app)!;

    public string Link { get; }

    /// <summary>Of an admin.</summary>
    public string Token => TokenHandler.Local(folder.File("state"));

    public AdminService.AdminServiceClient Admin => new(Channel);

    /// <summary>Of an admin.</summary>
    public ControlService.ControlServiceClient Control => new(Channel);

    public static async Task<DashboardServer> StartAsync(DashboardOptions? dashboard = null, Action<ILoggingBuilder>? logging = null)
    {
        var folder = new TemporaryFolder();
        string state = folder.File("state");
        dashboard ??= new DashboardOptions { LinkToken = () => SecretFile.TryRead(StateFolder.TokenIn(state)) };
        var link = new SignInLink(TimeProvider.System, dashboard.LinkLifetime);
        var options = new CoordinatorOptions
        {
            Listen = "127.0.0.1:0",
            Http = "127.0.0.1:0",
            StateDirectory = state,
            Pages = new WebPages(services => services.AddDashboard(dashboard, link), DashboardPages.Map),
        };
        var app = CoordinatorHost.Build(options, logging ?? (lines => lines.SetMinimumLevel(LogLevel.None)));
        await CoordinatorHost.StartAsync(app);
        return new DashboardServer(folder, app, link);
    }

    public async Task<string> TokenAsync(Role role, string owner = "ann", string host = "", string runId = "") =>
        (await Admin.CreateTokenAsync(new CreateTokenRequest { Role = role, Owner = owner, Host = host, RunId = runId })).Text;

    /// <summary>A run that waits for devices.</summary>
    public async Task<string> SubmitAsync(string name = "demo") =>
        (await Control.SubmitJobAsync(new SubmitJobRequest { Spec = await SpecAsync(name) })).RunId;

    /// <summary>Of a job that can be submitted.</summary>
    public async Task<TrainingSpec> SpecAsync(string name = "demo")
    {
        string data = folder.File("data");
        if (!Directory.Exists(data))
        {
            Directory.CreateDirectory(data);
            await using var writer = new ParquetShardWriter(data, "rows", rowsPerShard: 25, rowsPerGroup: 10);
            for (int row = 0; row < 40; row++)
                await writer.AddAsync([(byte)row], $"caption {row}");
        }
        return new TrainingSpec
        {
            Name = name,
            Data = new DataSpec { Train = { new SourceSpec { Path = data } }, ShuffleBlock = 6 },
            Model = new ModelSpec { Preset = "tiny" },
            Batch = new BatchSpec { Global = 8, Streams = 2, Micro = 4 },
            Samples = 40,
            RunDirectory = folder.File(name),
        };
    }

    /// <summary>Of a run's job, as it was submitted.</summary>
    public string RunDirectory(string runId) => folder.File(runId[..runId.LastIndexOf('-')]);

    /// <summary>Leaves a checkpoint without tensors.</summary>
    public void Save(string runId, int attempt, long step)
    {
        var directory = new RunDirectory(RunDirectory(runId));
        string at = directory.Checkpoint(attempt, step);
        Directory.CreateDirectory(at);
        File.WriteAllText(Path.Combine(at, "weights"), $"{step}");
        CheckpointFiles.Write(at, step);
    }

    /// <summary>Leaves lines of a replica as the coordinator keeps them.</summary>
    public async Task LogAsync(string runId, params string[] lines)
    {
        string logs = new RunDirectory(RunDirectory(runId)).ReplicaLogs;
        Directory.CreateDirectory(logs);
        var now = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow);
        await File.WriteAllLinesAsync(
            Path.Combine(logs, $"{runId}-r1.jsonl"),
            lines.Select((text, at) => JsonFormatter.Default.Format(
                new LogEntry { Sequence = at + 1, Time = now, Host = "a", ReplicaId = $"{runId}-r1", Text = text })));
    }

    /// <summary>As soon as it is so.</summary>
    public async Task<Run> RunAsync(string runId, Func<Run, bool> isSo)
    {
        while (true)
        {
            var run = (await Control.GetRunAsync(new GetRunRequest { RunId = runId })).Run;
            if (isSo(run))
                return run;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Why it waits, as soon as the coordinator has looked for devices.</summary>
    public async Task<string> ReasonAsync(string runId) => (await RunAsync(runId, run => run.Reason != "")).Reason;

    /// <summary>Keeps cookies, follows no redirect.</summary>
    public HttpClient Browser() => new(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false })
    {
        BaseAddress = new Uri(Address),
    };

    /// <summary>A browser whose user has pasted a token.</summary>
    public async Task<HttpClient> SignedInAsync(string token)
    {
        var browser = Browser();
        using var response = await PostTokenAsync(browser, token);
        Assert.Equal("/", response.Headers.Location?.OriginalString);
        return browser;
    }

    /// <summary>As the form does it.</summary>
    public static async Task<HttpResponseMessage> PostTokenAsync(HttpClient browser, string token, string then = "")
    {
        var form = new Dictionary<string, string>
        {
            ["token"] = token, ["then"] = then, ["__RequestVerificationToken"] = await FormTokenAsync(browser, "/sign-in"),
        };
        return await browser.PostAsync(SignIn.TokenPath, new FormUrlEncodedContent(form));
    }

    /// <summary>The secret that a page puts into its forms.</summary>
    public static async Task<string> FormTokenAsync(HttpClient browser, string page) =>
        FormToken().Match(await browser.GetStringAsync(page)).Groups[1].Value;

    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        folder.Dispose();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();
}
