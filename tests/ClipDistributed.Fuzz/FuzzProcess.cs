using System.Diagnostics;

namespace ClipDistributed.Fuzz;

/// <summary>A process that tries one input after the other; it is replaced when an input ended it or did not let it go on.</summary>
internal sealed class FuzzProcess(IFuzzKind kind) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), StartPatience = TimeSpan.FromMinutes(1);

    private Process? process;

    public InputResult Try(int seed)
    {
        if (process is null)
        {
            process = Start();
            if (!process.StandardOutput.ReadLineAsync().Wait(StartPatience))
                throw new TimeoutException($"The process for {kind.Name} did not start within {StartPatience}.");
        }
        long start = Stopwatch.GetTimestamp();
        process.StandardInput.WriteLine(seed);
        var line = process.StandardOutput.ReadLineAsync();
        bool answered = line.Wait(Patience + Patience); // making the input is not a part of reading it
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (answered && line.Result is { } json)
        {
            var result = InputResult.Parse(json);
            return result.Seconds > Patience.TotalSeconds ? result with { Problem = result.Problem ?? $"{result.Seconds:0.0} s" } : result;
        }
        var ended = process;
        process = null;
        using (ended)
        {
            if (!answered)
                ended.Kill();
            ended.WaitForExit();
            return new InputResult(
                seed,
                ended.ExitCode,
                seconds,
                0,
                answered ? $"the process ended with exit code {ended.ExitCode}" : $"no answer within {seconds:0} s"
            );
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["worker", kind.Name])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    public void Dispose()
    {
        process?.StandardInput.Close();
        process?.WaitForExit();
        process?.Dispose();
    }
}
