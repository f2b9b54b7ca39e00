using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>A coordinator as a process of its own, which can be killed, stopped, and started again on the same state and port.</summary>
internal sealed partial class CoordinatorProcess : IAsyncDisposable
{
    private const int SigCont = 18, SigStop = 19;

    private readonly string state;
    private readonly ClusterLog log;
    private Process process;

    private CoordinatorProcess(string state, ClusterLog log, Process process, string address) => (this.state, this.log, this.process, Address) = (state, log, process, address);

    public string Address { get; }

    public static async Task<CoordinatorProcess> StartAsync(string state, ClusterLog log)
    {
        var process = Start(state, "127.0.0.1:0", log);
        return new CoordinatorProcess(state, log, process, await AddressAsync(process));
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async Task StartAgainAsync()
    {
        process.Dispose();
        process = Start(state, new Uri(Address).Authority, log);
        Assert.Equal(Address, await AddressAsync(process));
    }

    /// <summary>It stays, its sockets open, and does nothing.</summary>
    public void Stop() => _ = kill(process.Id, SigStop);

    public void Continue() => _ = kill(process.Id, SigCont);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) // a test that failed may have left it killed
            process.StandardInput.Close(); // which ends it
        await process.WaitForExitAsync().WaitAsync(LiveCluster.Patience);
        process.Dispose();
    }

    private static Process Start(string state, string listen, ClusterLog log)
    {
        var start = new ProcessStartInfo(Find()) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["coordinator", "--listen", listen, "--state", state, "--exit-with-parent"])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => log.Take(line.Data);
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<string> AddressAsync(Process process)
    {
        string? said = await process.StandardOutput.ReadLineAsync().WaitAsync(LiveCluster.Patience);
        Assert.StartsWith("coordinator: ", said, StringComparison.Ordinal);
        return said!["coordinator: ".Length..];
    }

    private static string Find([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "bin", "clipd"));

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
