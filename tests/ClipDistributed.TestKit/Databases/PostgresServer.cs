using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Npgsql;

namespace ClipDistributed.TestKit.Databases;

/// <summary>A PostgreSQL server of its own on a free port, which can be stopped and started again. Needs the programs of
/// PostgreSQL.</summary>
public sealed partial class PostgresServer : IAsyncDisposable
{
    public const string Missing = "PostgreSQL (initdb and postgres) is not installed";

    private const int SigInt = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("clipd-postgres-");
    private readonly int port = FreePort();
    private Process? server;
    private int databases;

    private PostgresServer()
    {
    }

    /// <summary>Where initdb and postgres are; null: they are not installed.</summary>
    public static string? Programs { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Concat(
                Directory.Exists("/usr/lib/postgresql")
                    ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin"))
                    : []
            )
            .FirstOrDefault(place => File.Exists(Path.Combine(place, "initdb")) && File.Exists(Path.Combine(place, "postgres")));

    public static async Task<PostgresServer> StartAsync()
    {
        var made = new PostgresServer();
        string data = made.folder.FullName;
        if (Environment.UserName == "root")
            Run("chown", "postgres", data); // the server refuses to run as root
        Run([
            .. As("initdb"),
            "--pgdata",
            data,
            "--username",
            "clipd",
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        await made.StartAgainAsync();
        return made;
    }

    /// <returns>The connection string of a new, empty database.</returns>
    public async Task<string> NewDatabaseAsync()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref databases)}");
        await using var connection = new NpgsqlConnection($"{Connection("postgres")};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync();
        return Connection(name);
    }

    /// <summary>Ends all sessions, then the server.</summary>
    public async Task StopAsync()
    {
        if (server is null)
            return;
        _ = kill(server.Id, SigInt);
        await server.WaitForExitAsync().WaitAsync(Patience);
        server.Dispose();
        server = null;
    }

    public async Task StartAgainAsync()
    {
        string[] command =
        [
            .. As("postgres"), "-D", folder.FullName, "-c", "listen_addresses=127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture),
            "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "log_destination=stderr", "-c", "logging_collector=off",
        ];
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, WorkingDirectory = "/" })!;
        server.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("ready to accept connections", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        };
        server.BeginErrorReadLine();
        await ready.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Delete(recursive: true);
    }

    private string Connection(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username=clipd;Database={database}");

    private static string[] As(string program)
    {
        string file = Path.Combine(Programs!, program);
        return Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", file] : [file];
    }

    private static void Run(params string[] command)
    {
        using var process = Process.Start(
            new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = "/",
            }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)}: {errors.Result}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
