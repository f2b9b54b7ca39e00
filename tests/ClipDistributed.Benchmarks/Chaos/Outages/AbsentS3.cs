using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ClipDistributed.Benchmarks.Chaos.Outages;

/// <summary>The S3 server that keeps the checkpoints, s3rver of npm, stands still, or is killed and started again.</summary>
/// <param name="kills">Connections are refused; otherwise nothing answers.</param>
internal sealed partial class AbsentS3(string name, bool kills) : Outage(name)
{
    private const string Program = "CLIPD_S3RVER", Bucket = "chaos", Key = "S3RVER"; // of s3rver's only user
    private const int SigKill = 9, SigCont = 18, SigStop = 19;

    private readonly int port = FreePort();
    private Process? server;
    private string? folder;

    private string Endpoint => $"http://127.0.0.1:{port}";

    public override string? Missing =>
        File.Exists(Environment.GetEnvironmentVariable(Program))
            ? null
            : $"{Program} does not name the program s3rver (npm install s3rver; node_modules/.bin/s3rver)";

    public override IReadOnlyList<string> Changes => [.. base.Changes, $"checkpoint.location={Checkpoints}"];

    public override string Checkpoints => $"s3://{Bucket}/run";

    public override ClusterSettings Prepare(string folder)
    {
        this.folder = Directory.CreateDirectory(Path.Combine(folder, "s3")).FullName;
        Start();
        var variables = new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL_S3"] = Endpoint,
            ["AWS_ACCESS_KEY_ID"] = Key,
            ["AWS_SECRET_ACCESS_KEY"] = Key,
            ["AWS_REGION"] = "us-east-1",
        };
        return new ClusterSettings { Variables = _ => variables };
    }

    // A request is given five minutes: one that is answered after one has not failed.
    public override string? Cause => kills ? "S3" : null;

    public override void Begin(ChaosCluster cluster)
    {
        Signal(kills ? SigKill : SigStop);
        if (kills)
            server!.WaitForExit();
    }

    public override void End(ChaosCluster cluster)
    {
        if (kills)
            Start();
        else
            Signal(SigCont);
    }

    public override void Dispose()
    {
        if (server is null)
            return;
        Signal(SigKill);
        server.WaitForExit();
        server.Dispose();
    }

    private void Start()
    {
        server?.Dispose();
        string program = Environment.GetEnvironmentVariable(Program)!;
        server = Process.Start(
            new ProcessStartInfo(
                program,
                ["--silent", "--address", "127.0.0.1", "--port", $"{port}", "--directory", folder!, "--configure-bucket", Bucket]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        StepWatch.Until(() => Answers() ? true : (bool?)null, "the S3 server's answer");
    }

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Signal(int signal) => _ = kill(server!.Id, signal);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
