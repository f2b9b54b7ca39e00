using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ClipDistributed.Cluster.Tests.Gpu;

/// <summary>A call of <c>ClipDistributed.Benchmarks gpu</c> on processors, as the build made it.</summary>
internal sealed class GpuProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process process;
    private readonly Task<string> errors;

    private GpuProgram(Process process)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync();
    }

    private static string Path { get; } = System.IO.Path.Combine(
        AppContext.BaseDirectory.Replace("ClipDistributed.Cluster.Tests", "ClipDistributed.Benchmarks", StringComparison.Ordinal),
        "ClipDistributed.Benchmarks");

    /// <summary>The one process of a check that runs now.</summary>
    public int CheckId
    {
        get
        {
            string children = "";
            SpinWait.SpinUntil(() => (children = File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children")) != "", Patience);
            return int.Parse(children.Split(' ')[0], CultureInfo.InvariantCulture);
        }
    }

    public static GpuProgram Start(string check, params string[] options)
    {
        var start = new ProcessStartInfo(Path, ["gpu", check, "--device", "cpu", .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new GpuProgram(Process.Start(start)!);
    }

    /// <returns>The lines that it printed; it must end with this exit code.</returns>
    public async Task<JsonObject[]> EndAsync(int exitCode)
    {
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(process.ExitCode == exitCode, $"exit code {process.ExitCode} instead of {exitCode}: {await errors}{output}");
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
