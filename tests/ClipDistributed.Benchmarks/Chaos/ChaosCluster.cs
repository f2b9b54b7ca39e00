using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>A coordinator and two worker hosts of two slots each, started as a user starts them, that can be harmed and mended.</summary>
internal sealed partial class ChaosCluster : IDisposable
{
    private const int SigKill = 9, SigCont = 18, SigStop = 19;

    /// <summary>Of both hosts together.</summary>
    public const int Slots = 4;

    /// <summary>Of faults: a replica killed or stopped, a host with its replicas killed or drained, the coordinator killed.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["SIGKILL", "SIGSTOP", "host", "drain", "coordinator"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string clipd, folder;
    private readonly ConcurrentDictionary<string, Process> hosts = new();
    private readonly ConcurrentDictionary<int, string> replicas = new(); // process id, host; those that are alive
    private readonly BlockingCollection<string> lines = [];
    private readonly StreamWriter log;
    private Process coordinator;
    private string listen = "127.0.0.1:0";

    private ChaosCluster(string clipd, string folder)
    {
        (this.clipd, this.folder) = (clipd, folder);
        log = new StreamWriter(Path.Combine(folder, "log.txt")) { AutoFlush = true };
        coordinator = StartCoordinator();
        StartHost("a");
        StartHost("b");
    }

    /// <summary>With the data that its jobs train on.</summary>
    public static ChaosCluster Start(string clipd, string folder)
    {
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), """
            name: chaos
            data: {train: [{path: data/train}]}
            model: {preset: tiny}
            batch: {global: 256}
            samples: 2_560_000
            """);
        var cluster = new ChaosCluster(clipd, folder);
        cluster.Call("data", "shapes", "data", "--train", "4000", "--validation", "144", "--size", "32");
        return cluster;
    }

    /// <summary>Deletes what a run left, unless somebody has to look at it.</summary>
    public static void Close(string folder, bool holds)
    {
        if (holds)
            Directory.Delete(folder, recursive: true);
        else
            Console.WriteLine($"what happened: {folder}/log.txt and {folder}/runs");
    }

    public string Address => $"http://{listen}";

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
        using var process = Process.Start(new ProcessStartInfo(clipd, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output + errors.Result, process.ExitCode);
    }

    /// <summary>Harms what is there.</summary>
    public void Strike(string kind, Random random)
    {
        switch (kind)
        {
            case "SIGKILL":
                Signal(Replicas[random.Next(Replicas.Count)], SigKill);
                break;
            case "SIGSTOP":
                Signal(Replicas[random.Next(Replicas.Count)], SigStop);
                break;
            case "host":
                KillHost("b");
                break;
            case "drain":
                Call("host", "drain", "b", "--coordinator", Address);
                break;
            case "coordinator":
                KillCoordinator();
                break;
        }
    }

    /// <summary>Brings back what does not come back by itself.</summary>
    public void Mend(string kind)
    {
        switch (kind)
        {
            case "host":
                StartHost("b");
                break;
            case "drain":
                Call("host", "drain", "b", "--undo", "--coordinator", Address);
                break;
            case "coordinator":
                coordinator = StartCoordinator();
                break;
        }
    }

    /// <summary>Submits a job of four replicas.</summary>
    public RunDirectory Submit(string name, params string[] changes)
    {
        string[] all = [$"name={name}", $"run_directory=runs/{name}", $"replicas.min=1", $"replicas.max={Slots}", .. changes];
        Call(["submit", "spec.yaml", "--coordinator", Address, .. all.SelectMany(change => new[] { "--set", change })]);
        return new RunDirectory(Path.Combine(folder, "runs", name));
    }

    /// <summary>With its replicas, as when a machine loses its power.</summary>
    private void KillHost(string name)
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

    private void StartHost(string name)
    {
        hosts[name] = Start(["worker", "--coordinator", Address, "--name", name, "--slots", "2", "--threads", "1", "--gpus", "none", "--exit-with-parent"], line => Hear(name, line));
        Wait($"coordinator: Host {name} joined", () => { });
    }

    private void KillCoordinator()
    {
        Signal(coordinator.Id, SigKill);
        coordinator.WaitForExit();
        coordinator.Dispose();
    }

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
        lines.Dispose();
        log.Dispose();
    }

    private Process StartCoordinator()
    {
        var process = Start(["coordinator", "--listen", listen, "--state", Path.Combine(folder, "state"), "--quarantine-after", "0", "--exit-with-parent"], line => Hear("coordinator", line));
        string said = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The coordinator did not start.");
        listen = said["coordinator: http://".Length..];
        return process;
    }

    private Process Start(string[] arguments, Action<string> hear)
    {
        var process = Process.Start(new ProcessStartInfo(clipd, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, line) => hear(line.Data ?? "");
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>A line that the coordinator or a host logs; "": its output ended.</summary>
    private void Hear(string from, string line)
    {
        if (line == "")
            return;
        if (ReplicaStarted().Match(line) is { Success: true } started)
            replicas[int.Parse(started.Groups[1].Value, CultureInfo.InvariantCulture)] = from;
        foreach (int process in replicas.Keys.Where(process => !Directory.Exists($"/proc/{process}")))
            replicas.TryRemove(process, out _);
        lock (log)
            log.WriteLine($"{from}: {line}");
        lines.Add($"{from}: {line}");
    }

    /// <summary>Does something, then waits for a line that was not there before.</summary>
    private void Wait(string part, Action act)
    {
        act();
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < Patience)
        {
            if (lines.TryTake(out string? line, Patience) && Level().Replace(line, "").Contains(part, StringComparison.Ordinal))
                return;
        }
        throw new TimeoutException($"'{part}' was not logged within {Patience.TotalSeconds:0} s.");
    }

    private static void Signal(int process, int signal) => _ = kill(process, signal);

    [GeneratedRegex(@"Replica \S+ of run \S+ started on \S+ as process (\d+)")]
    private static partial Regex ReplicaStarted();

    /// <summary>Time and level in front of a log line.</summary>
    [GeneratedRegex(@"\S+Z [A-Z]{3} ")]
    private static partial Regex Level();

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
