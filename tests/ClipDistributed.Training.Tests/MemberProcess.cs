using System.Diagnostics;

namespace ClipDistributed.Training.Tests;

/// <summary>ClipDistributed.Training.Tests.Member, a process that may crash.</summary>
internal sealed class MemberProcess : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    private readonly Process process;
    private readonly Task<string> errors;

    public MemberProcess(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "ClipDistributed.Training.Tests.Member");
        process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        errors = process.StandardError.ReadToEndAsync();
    }

    public void Send(string line) => process.StandardInput.WriteLine(line);

    /// <returns>The next line that it prints; null: it ended.</returns>
    public async Task<string?> LineAsync() => await process.StandardOutput.ReadLineAsync().WaitAsync(Bound);

    /// <returns>The lines that it still prints; it must end with this exit code.</returns>
    public async Task<string[]> EndAsync(int exitCode = 0)
    {
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Bound);
        await process.WaitForExitAsync().WaitAsync(Bound);
        Assert.True(process.ExitCode == exitCode, $"exit code {process.ExitCode} instead of {exitCode}: {await errors}{output}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
