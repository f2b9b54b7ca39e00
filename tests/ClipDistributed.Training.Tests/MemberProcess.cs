using System.Diagnostics;

namespace ClipDistributed.Training.Tests;

/// <summary>ClipDistributed.Training.Tests.Member, a process that may crash.</summary>
internal sealed class MemberProcess : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> errors;

    public MemberProcess(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "ClipDistributed.Training.Tests.Member");
        process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        output = process.StandardOutput.ReadToEndAsync();
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <returns>The lines that it printed; it must end with this exit code.</returns>
    public string[] End(int exitCode = 0)
    {
        Assert.True(process.WaitForExit(Bound), "the process did not end");
        Assert.True(process.ExitCode == exitCode, $"exit code {process.ExitCode} instead of {exitCode}: {errors.Result}{output.Result}");
        return output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
