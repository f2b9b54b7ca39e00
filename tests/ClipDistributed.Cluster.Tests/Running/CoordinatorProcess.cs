using System.Diagnostics;
using System.Runtime.InteropServices;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>A coordinator as a process of its own, which can be killed, stopped, and started again on the same state and port.</summary>
/// <param name="state">Its state directory, or a connection string where another coordinator may use the store too.</param>
/// <param name="home">In that case: the folder of the user's data, in which it keeps its token. Null: it is the other case.</param>
/// <param name="options">Further ones.</param>
internal sealed partial class CoordinatorProcess(string state, string? home, ClusterLog log, params string[] options) : IAsyncDisposable
{
    private const int SigCont = 18, SigStop = 19;

    private Process? process;

    public string Address { get; private set; } = "";

    private Process Running => process ?? throw new InvalidOperationException("it was not started");

    public static async Task<CoordinatorProcess> StartAsync(
        string state, ClusterLog log, string? home = null, params string[] options)
    {
        var made = new CoordinatorProcess(state, home, log, options);
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
        string[] place = home is not null ? [] : ["--state", state];
        string[] arguments = ["coordinator", "--listen", listen, "--log-format", "json", "--exit-with-parent", .. place, .. options];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        if (home is not null)
            (start.Environment["CLIPD_STORE"], start.Environment["XDG_DATA_HOME"]) = (state, home);
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
