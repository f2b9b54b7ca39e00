using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Logs;
using ClipDistributed.TestKit.Networks;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>A coordinator and two worker hosts of two slots each, started as a user starts them, and what can be done to them.</summary>
internal sealed partial class ChaosCluster : IDisposable
{
    private const int SigKill = 9, SigCont = 18, SigStop = 19;

    /// <summary>Of both hosts together.</summary>
    public const int Slots = 4;

    /// <summary>Of an isolated network: the coordinator and the user share the first one.</summary>
    public const int Machines = 3, MachineA = 2, MachineB = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string clipd, folder;
    private readonly ClusterSettings settings;
    private readonly ConcurrentDictionary<string, Process> hosts = new();
    private readonly ConcurrentDictionary<int, string> replicas = new(); // process id, host; those that are alive
    private readonly ChaosLog log;
    private Process coordinator;
    private string listen;

    private ChaosCluster(string clipd, string folder, ClusterSettings settings)
    {
        (this.clipd, this.folder, this.settings) = (clipd, folder, settings);
        listen = settings.Network is null ? "127.0.0.1:0" : $"{IsolatedNetwork.Address(1)}:7071";
        log = new ChaosLog(folder);
        coordinator = StartCoordinator();
        StartHost("a");
        StartHost("b");
    }

    /// <summary>With the data that its jobs train on.</summary>
    public static ChaosCluster Start(string clipd, string folder, ClusterSettings settings)
    {
        ChaosJob.Write(clipd, folder);
        return new ChaosCluster(clipd, folder, settings);
    }

    /// <summary>Deletes what a run left, unless a human has to look at it.</summary>
    public static void Close(string folder, bool holds)
    {
        if (holds)
            Directory.Delete(folder, recursive: true);
        else
            Console.WriteLine($"what happened: {folder}/log.txt and {folder}/runs");
    }

    public string Address => $"http://{listen}";

    /// <summary>That the machines of the coordinator and the hosts are in; null: they share this one.</summary>
    public IsolatedNetwork? Network => settings.Network;

    /// <summary>What the coordinator has logged.</summary>
    public IReadOnlyList<LoggedEvent> Logged => log.Of("coordinator");

    /// <summary>Process ids of living replicas.</summary>
    public IReadOnlyList<int> Replicas => [.. replicas.Keys.Order()];

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What it printed.</returns>
    public string Call(params string[] arguments)
    {
        var (output, exit) = Try(arguments);
        return exit == 0 ? output : throw new InvalidOperationException($"clipd {string.Join(' ', arguments)} ended with {exit}: {output}");
    }

    public (string Output, int Exit) Try(params string[] arguments)
    {
        using var process = Process.Start(Command("user", 1, arguments))!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output + errors.Result, process.ExitCode);
    }

    /// <summary>A command that the coordinator answers.</summary>
    public string Ask(params string[] arguments) => Call([.. arguments, "--coordinator", Address]);

    /// <summary>Submits a job of four replicas.</summary>
    public RunDirectory Submit(string name, params IEnumerable<string> changes)
    {
        string[] all = [$"name={name}", $"run_directory=runs/{name}", $"replicas.min=1", $"replicas.max={Slots}", .. changes];
        Ask(["submit", "spec.yaml", .. all.SelectMany(change => new[] { "--set", change })]);
        return new RunDirectory(Path.Combine(folder, "runs", name));
    }

    /// <summary>A host that is not back yet from a cut cannot be drained: then nothing happens.</summary>
    public void Drain(string host, params string[] words)
    {
        var (output, exit) = Try(["host", "drain", host, .. words, "--coordinator", Address]);
        if (exit is not (ExitCodes.Done or ExitCodes.BadInput))
            throw new InvalidOperationException($"clipd host drain {host} ended with {exit}: {output}");
    }

    public void KillReplica(int process) => Signal(process, SigKill);

    public void StopReplica(int process) => Signal(process, SigStop);

    /// <summary>With its replicas, as when a machine loses its power.</summary>
    public void KillHost(string name)
    {
        hosts.TryRemove(name, out var host);
        var lost = replicas.Where(replica => replica.Value == name).Select(replica => replica.Key).ToList();
        Signal(host!.Id, SigKill);
        foreach (int process in lost)
        {
            Signal(process, SigKill);
            replicas.TryRemove(process, out _);
        }
        host.WaitForExit();
        host.Dispose();
    }

    public void StartHost(string name)
    {
        int before = log.Count;
        hosts[name] = Start(
            name,
            name == "a" ? MachineA : MachineB,
            [
                "worker", "--coordinator", Address, "--name", name, "--slots", "2", "--threads", "1", "--gpus", "none",
                "--exit-with-parent",
            ]
        );
        log.Wait(before, "coordinator", "HostJoined", ("HostId", name));
    }

    public void KillCoordinator()
    {
        Signal(coordinator.Id, SigKill);
        coordinator.WaitForExit();
        coordinator.Dispose();
    }

    public void RestartCoordinator() => coordinator = StartCoordinator();

    public void StopCoordinator() => Signal(coordinator.Id, SigStop);

    public void ContinueCoordinator() => Signal(coordinator.Id, SigCont);

    public void Dispose()
    {
        foreach (var process in hosts.Values.Append(coordinator))
        {
            Signal(process.Id, SigCont);
            process.StandardInput.Close(); // which ends it
            if (!process.WaitForExit(Patience))
                process.Kill();
            process.Dispose();
        }
        log.Dispose();
    }

    private Process StartCoordinator()
    {
        string[] store = settings.Store is null ? ["--state", Path.Combine(folder, "state")] : ["--store", settings.Store],
            open = settings.Network is null ? [] : ["--insecure"];
        var process = Start(
            "coordinator",
            1,
            ["coordinator", "--listen", listen, "--quarantine-after", "0", "--exit-with-parent", .. store, .. open]
        );
        string line =
            process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"The coordinator did not start; {log.Path} says why.");
        listen = line["coordinator: http://".Length..];
        return process;
    }

    private Process Start(string name, int machine, string[] arguments)
    {
        var process = Process.Start(Command(name, machine, [.. arguments, "--log-format", "json"]))!;
        process.ErrorDataReceived += (_, line) => OnLine(name, line.Data);
        process.BeginErrorReadLine();
        return process;
    }

    private ProcessStartInfo Command(string name, int machine, string[] arguments)
    {
        string[] words = [.. settings.Network?.On(machine) ?? [], clipd, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string data = Path.Combine(folder, "user"); // of the user, where the token is that a shared store has no folder for
        start.Environment["XDG_DATA_HOME"] = data;
        start.Environment["CLIPD_TOKEN_FILE"] = settings.Store is null
            ? Path.Combine(folder, "state", "token") : Path.Combine(data, "clipdistributed", "token");
        foreach (var (variable, value) in settings.Variables(name))
            start.Environment[variable] = value;
        return start;
    }

    /// <param name="line">Null: its output ended.</param>
    private void OnLine(string from, string? line)
    {
        if (line is null)
            return;
        var logged = log.Take(from, line);
        if (logged.Is("ReplicaStarted"))
            replicas[int.Parse(logged["ProcessId"], CultureInfo.InvariantCulture)] = from;
        foreach (int process in replicas.Keys.Where(process => !Directory.Exists($"/proc/{process}")))
            replicas.TryRemove(process, out _);
    }

    private static void Signal(int process, int signal) => _ = kill(process, signal);

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
