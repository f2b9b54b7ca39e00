using System.Diagnostics;

namespace ClipDistributed.Benchmarks;

/// <summary>Processes that use a processor each, as other users of a shared machine do, until disposed.</summary>
internal sealed class BusyNeighbours : IDisposable
{
    private readonly List<Process> processes;

    public BusyNeighbours(int count) =>
        processes = [
            .. Enumerable.Range(0, count).Select(_ => Process.Start(Environment.ProcessPath!, ["spin", $"{Environment.ProcessId}"])),
        ];

    /// <summary>Uses one processor while the process that started it lives.</summary>
    public static int Spin(int parent)
    {
        while (Directory.Exists($"/proc/{parent}"))
            Thread.SpinWait(10_000_000);
        return 0;
    }

    public void Dispose()
    {
        foreach (var process in processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
