using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Benchmarks.Gpu.Running;

/// <summary>The process of one check: whatever becomes of it, one line says so, and the next check begins.</summary>
internal sealed class CheckProcess
{
    private const int KeptErrors = 30;

    private const string QuickJit = "DOTNET_TC_QuickJit"; // goes before what this program's runtimeconfig.json says

    private static readonly TimeSpan OutputBound = TimeSpan.FromSeconds(5); // of a pipe that a process of the check's holds open

    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Lock gate = new();
    private readonly Queue<string> errors = new(); // the last lines of standard error
    private string phase = "start";
    private JsonObject? figures;

    /// <summary>Runs a check and prints its line.</summary>
    /// <param name="arguments">That make this program run it.</param>
    /// <returns>Whether all was as it should be.</returns>
    public static bool Run(GpuCheck check, IReadOnlyList<string> arguments)
    {
        var line = new CheckProcess().LineOf(check, arguments);
        Console.Out.WriteLine(line.ToJsonString(Plain));
        Console.Out.Flush();
        return (bool)line["ok"]!;
    }

    private JsonObject LineOf(GpuCheck check, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        MemoryReuse.Apply(start);
        ThreadWaiting.Apply(start);
        start.Environment[QuickJit] = "1"; // as the programs themselves have it; the simulation's long runs are compiled with care
        long began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var output = Task.Run(() => Read(process.StandardOutput, OnOutput));
        var error = Task.Run(() => Read(process.StandardError, OnError));
        bool hasEnded = process.WaitForExit(check.Bound);
        if (!hasEnded)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Task.WaitAll([output, error], OutputBound);
        lock (gate)
            return Line(check, seconds, hasEnded ? process.ExitCode : null);
    }

    /// <param name="exitCode">Null: it had to be ended.</param>
    private JsonObject Line(GpuCheck check, double seconds, int? exitCode)
    {
        var found = figures ?? new JsonObject();
        var failures = (found[CheckReport.FailuresKey]?.AsArray() ?? new JsonArray()).Select(failure => (string)failure!).ToList();
        if (exitCode is null)
            failures.Add($"not done after {check.Bound.TotalSeconds:0.#} s; its last phase was '{phase}'");
        else if (exitCode != 0 || figures is null)
            failures.Add($"its process ended with exit code {exitCode} in the phase '{phase}'");
        var line = new JsonObject
        {
            ["check"] = check.Name,
            ["ok"] = failures.Count == 0,
            ["seconds"] = Math.Round(seconds, 3),
        };
        foreach (var (name, value) in found.Where(figure => figure.Key != CheckReport.FailuresKey))
            line[name] = value?.DeepClone();
        if (failures.Count > 0)
        {
            line["error"] = string.Join("; ", failures);
            line["stderr"] = new JsonArray([.. errors.Select(text => JsonValue.Create(text))]);
        }
        return line;
    }

    private void OnOutput(string line)
    {
        if (line.StartsWith(CheckReport.PhaseMark, StringComparison.Ordinal))
            phase = line[CheckReport.PhaseMark.Length..];
        else if (line.StartsWith(CheckReport.EndMark, StringComparison.Ordinal))
            figures = JsonNode.Parse(line[CheckReport.EndMark.Length..])!.AsObject();
        else
            OnError(line); // of a library
    }

    private void OnError(string line)
    {
        errors.Enqueue(line);
        if (errors.Count > KeptErrors)
            errors.Dequeue();
    }

    private void Read(StreamReader reader, Action<string> take)
    {
        while (reader.ReadLine() is { } line)
        {
            lock (gate)
                take(line);
        }
    }
}
