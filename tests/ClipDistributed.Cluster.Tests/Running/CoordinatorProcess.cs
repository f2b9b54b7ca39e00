using System.Diagnostics;
using System.Runtime.InteropServices;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>A coordinator as a process of its own, which can be killed, stopped, and started again on the same state and port.</summary>
/// <param name="state">Its state directory, or a connection string where <paramref name="isShared"/>.</param>
/// <param name="isShared">Another coordinator may use the store too.</param>
internal sealed partial class CoordinatorProcess(string state, bool isShared, ClusterLog log) : IAsyncDisposable
{
    private const int SigCont = 18, SigStop = 19;

    private Process? process;

    public string Address { get; private set; } = "";

    private Process Running => process ?? throw new InvalidOperationException("it was not started");

    public static async Task<CoordinatorProcess> StartAsync(string state, ClusterLog log, bool isShared = false)
    {
        var made = new CoordinatorProcess(state, isShared, log);
        made.process = made.Start("127.0.0.1:0");
        made.Address = await AddressAsync(made.process);
        return made;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        Running.Kill();
        await Running.WaitForExitAsync();
    }

    public async Task StartAgainAsync()
    {
        Running.Dispose();
        process = Start(new Uri(Address).Authority);
        Assert.Equal(Address, await AddressAsync(process));
    }

    /// <summary>It stays, its sockets open, and does nothing.</summary>
    public void Stop() => _ = kill(Running.Id, SigStop);

    public void Continue() => _ = kill(Running.Id, SigCont);

    public async ValueTask DisposeAsync()
    {
        if (!Running.HasExited) // a test may have left it killed
        {
            Continue(); // or, where it failed, stopped
            Running.StandardInput.Close(); // which ends it
        }
        await Running.WaitForExitAsync().WaitAsync(LiveCluster.Patience);
        Running.Dispose();
    }

    private Process Start(string listen)
    {
        var start = new ProcessStartInfo(Clipd.Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] place = isShared ? [] : ["--state", state];
        foreach (string argument in (string[])["coordinator", "--listen", listen, "--log-format", "json", "--exit-with-parent", .. place])
            start.ArgumentList.Add(argument);
        if (isShared)
            start.Environment["CLIPD_STORE"] = state;
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => log.Take(line.Data);
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<string> AddressAsync(Process process)
    {
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(LiveCluster.Patience);
        Assert.StartsWith("coordinator: ", line, StringComparison.Ordinal);
        return line!["coordinator: ".Length..];
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
