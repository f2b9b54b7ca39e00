using System.Globalization;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Cli.Local;

/// <summary>A coordinator and one worker host on this machine, for one run; they end with this process.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private const string AddressLine = "coordinator: ";

    private readonly RunDirectoryLock taken;
    private readonly ChildProcess coordinator;
    private readonly ChildProcess worker;
    private readonly string token; // its file, for the worker and this process

    private LocalCluster(RunDirectoryLock taken, ChildProcess coordinator, ChildProcess worker, string address, string token)
    {
        (this.taken, this.coordinator, this.worker, this.token) = (taken, coordinator, worker, token);
        Client = new CoordinatorClient(new CoordinatorTarget(address, new TlsFiles()) { TokenFile = token }, TimeProvider.System);
    }

    public CoordinatorClient Client { get; }

    /// <summary>Which of the two processes has ended and why; not complete while both run.</summary>
    public async Task<string> BrokenAsync() => await await Task.WhenAny(coordinator.Ended, worker.Ended);

    /// <exception cref="Contracts.Errors.BadInputException">Another cluster uses the run directory, or it cannot be written.</exception>
    /// <exception cref="CoordinatorException">The coordinator did not start.</exception>
    public static async Task<LocalCluster> StartAsync(RunDirectory directory, int replicas, ReplicaOptions options)
    {
        var gpus = options.Devices?.Gpus ?? [];
        string logs = Path.Combine(directory.Root, "logs");
        string state = Path.Combine(directory.Root, "coordinator");
        ExistingRun.CheckFree(directory);
        // The coordinator makes its lock before anything else; what has none is a user's own.
        if (Directory.Exists(state) && !File.Exists(Path.Combine(state, ".lock")) && Directory.EnumerateFileSystemEntries(state).Any())
            throw new BadInputException(
                $"run_directory {directory.Root} holds a folder 'coordinator' of something else, and the run would "
                    + "remove it; choose another run_directory, or move it elsewhere."
            );
        Directory.CreateDirectory(directory.Root);
        Directory.CreateDirectory(logs, GuardedFile.OwnerOnlyFolder);
        var taken = RunDirectoryLock.Take(new RunDirectory(logs));
        // A coordinator that was killed left a run that it would take up again; the run directory alone says where to go on.
        if (Directory.Exists(state))
            Directory.Delete(state, recursive: true);
        var coordinator = ChildProcess.Start("coordinator", Path.Combine(logs, "coordinator.log"),
            ["coordinator", "--listen", "127.0.0.1:0", "--state", state, "--exit-with-parent"]);
        string address = await AddressAsync(coordinator);
        string token = StateFolder.TokenIn(state); // that the coordinator has made before it listens
        var worker = ChildProcess.Start(
            "worker",
            Path.Combine(logs, "worker.log"),
            [
                "worker",
                "--coordinator",
                address,
                "--token-file",
                token,
                "--exit-with-parent",
                "--gpus",
                gpus.Count == 0 ? "none" : string.Join(',', gpus),
                "--slots",
                gpus.Count == 0 ? replicas.ToString(CultureInfo.InvariantCulture) : "0",
                "--threads",
                options.Threads.ToString(CultureInfo.InvariantCulture),
                .. options.LibTorch is { } folder ? ["--libtorch", folder] : Array.Empty<string>(),
                .. options.Memory is { } memory ? ["--memory", memory.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
            ]
        );
        return new LocalCluster(taken, coordinator, worker, address, token);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await worker.DisposeAsync();
        await coordinator.DisposeAsync();
        File.Delete(token); // the run directory may be given to others
        taken.Dispose();
    }

    private static async Task<string> AddressAsync(ChildProcess coordinator)
    {
        while (await coordinator.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(AddressLine, StringComparison.Ordinal))
                return line[AddressLine.Length..].Trim();
        }
        throw new CoordinatorException(await coordinator.Ended, ExitCodes.Failed);
    }
}
