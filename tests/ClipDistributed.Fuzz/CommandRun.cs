using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace ClipDistributed.Fuzz;

/// <summary>Runs commands of <c>clipd</c> in this process, as its own entry point does.</summary>
internal static class CommandRun
{
    private const long MaxBytes = 1L << 30;
    private const int MaxErrorLines = 60;

    private static readonly MethodInfo Entry = Assembly.Load("clipd").EntryPoint!;
    private static readonly StringBuilder Output = new(), Errors = new();

    /// <summary>From here on what commands print is kept, not shown.</summary>
    public static void CaptureConsole()
    {
        Console.SetOut(TextWriter.Synchronized(new StringWriter(Output)));
        Console.SetError(TextWriter.Synchronized(new StringWriter(Errors)));
        Console.SetIn(TextReader.Null);
    }

    public static InputResult Try(IFuzzKind kind, int seed)
    {
        string folder = Directory.CreateTempSubdirectory("fuzz-").FullName;
        try
        {
            kind.Write(folder, seed);
            ResetPeak();
            long start = Stopwatch.GetTimestamp();
            int exit = -1; // the best: an input counts as read where one command could use it
            string? problem = null;
            foreach (string[] command in kind.Commands(folder))
            {
                int code = Run(command, out string? wrong);
                (exit, problem) = (exit == 0 ? 0 : code, problem ?? (wrong is null ? null : $"clipd {string.Join(' ', command)}: {wrong}"));
            }
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            long peak = Peak();
            if (peak > MaxBytes)
                problem ??= $"{peak >> 20} MiB of memory";
            return new InputResult(seed, exit, seconds, peak, problem);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Run(string[] arguments, out string? problem)
    {
        Output.Clear();
        Errors.Clear();
        try
        {
            int exit = (int)Entry.Invoke(null, [arguments])!;
            problem = Judge(exit, Errors.ToString());
            return exit;
        }
        catch (TargetInvocationException thrown)
        {
            problem = Describe(thrown.InnerException!);
            return -1;
        }
    }

    /// <summary>What was thrown, and the first line of ours that it passed.</summary>
    private static string Describe(Exception thrown) =>
        $"{thrown.GetType().Name}: {thrown.Message} "
        + $"{thrown.StackTrace?.Split('\n').FirstOrDefault(frame => frame.Contains("ClipDistributed", StringComparison.Ordinal))?.Trim()}";

    /// <summary>Bad input is said in lines that a person can act on.</summary>
    private static string? Judge(int exit, string errors)
    {
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (exit is not (>= 0 and <= 3))
            return $"exit code {exit}";
        if (exit != 0 && lines.Length == 0 && Output.Length == 0)
            return $"exit code {exit} without a reason";
        if (
            lines.FirstOrDefault(line =>
                line.StartsWith("   at ", StringComparison.Ordinal) || line.Contains("System.", StringComparison.Ordinal)
            ) is
            { } stack
        )
            return $"a stack trace or a .NET name: {stack}";
        if (lines.FirstOrDefault(line => line.Any(letter => char.IsControl(letter) && letter != '\t')) is { } raw)
            return $"control characters: {Uri.EscapeDataString(raw)}";
        return lines.Length > MaxErrorLines ? $"{lines.Length} lines of errors" : null;
    }

    private static void ResetPeak()
    {
        // making the input is not a part of reading it
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5"); // VmHWM begins again at what is resident now
    }

    private static long Peak() =>
        long.Parse(
            File.ReadLines("/proc/self/status")
                .First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))[6..]
                .Replace("kB", "", StringComparison.Ordinal)
                .Trim()
        ) << 10;
}
