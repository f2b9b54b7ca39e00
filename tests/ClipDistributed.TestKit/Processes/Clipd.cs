using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using ClipDistributed.TestKit.Files;

namespace ClipDistributed.TestKit.Processes;

/// <summary>A real <c>clipd</c> process, as the build made it.</summary>
public sealed partial class Clipd : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly Task<string> errors;

    private Clipd(Process process)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The program; the repository's, where none is set.</summary>
    public static string Program { get; set; } = RepositoryFolder.File("bin", "clipd");

    public int Id => process.Id;

    public static Clipd Start(string folder, params string[] arguments) => StartThrough([], folder, arguments);

    /// <param name="wrapper">A command that becomes the one that follows, such as <c>ip netns exec</c>.</param>
    public static Clipd StartThrough(IReadOnlyList<string> wrapper, string folder, params string[] arguments)
    {
        string[] command = [.. wrapper, Program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        return new Clipd(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static ClipdResult Run(string folder, params string[] arguments)
    {
        using var clipd = Start(folder, arguments);
        return clipd.Finish();
    }

    /// <summary>The same on a terminal of so many columns; what it shows, standard error too.</summary>
    public static ClipdResult RunOnTerminal(string folder, int columns, params string[] arguments)
    {
        string command = string.Join(' ', new[] { Program }.Concat(arguments).Select(word => $"'{word}'"));
        var start = new ProcessStartInfo("script", ["-qec", command, "/dev/null"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["COLUMNS"] = $"{columns}";
        start.Environment["TERM"] = "dumb"; // no bar
        using var clipd = new Clipd(Process.Start(start)!);
        var shown = clipd.Finish();
        return shown with { Output = shown.Output.Replace("\r\n", "\n", StringComparison.Ordinal) };
    }

    /// <summary>Reads lines of output until one holds the text.</summary>
    public void WaitFor(string text) => LineWith(text);

    /// <summary>Reads lines of output until one holds the text.</summary>
    public string LineWith(string text)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }
        throw new InvalidOperationException($"clipd ended before it wrote '{text}': {errors.Result}");
    }

    /// <summary>Reads lines of JSON until a record is of this kind and step, and holds this text.</summary>
    public void WaitForRecord(string kind, long? step = null, string holds = "")
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith('{') || !line.Contains(holds, StringComparison.Ordinal))
                continue;
            using var record = JsonDocument.Parse(line);
            if (
                record.RootElement.GetProperty("kind").GetString() == kind
                && (step is null || record.RootElement.GetProperty("step").GetInt64() == step)
            )
                return;
        }
        throw new InvalidOperationException($"clipd ended before it wrote a record of kind {kind}, step {step}: {errors.Result}");
    }

    public ClipdResult Finish()
    {
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"clipd did not end within {Patience}: {errors.Result}");
        }
        return new ClipdResult(process.ExitCode, output.Result, errors.Result);
    }

    /// <summary>SIGKILL to clipd alone: its replica has to notice.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Signal(int signal) => _ = kill(process.Id, signal);

    public void CloseInput() => process.StandardInput.Close();

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
