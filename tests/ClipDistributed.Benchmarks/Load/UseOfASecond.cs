namespace ClipDistributed.Benchmarks.Load;

/// <summary>What was used in one second of a measurement.</summary>
/// <param name="Coordinator">Processor seconds of its process.</param>
/// <param name="Peers">Those of hosts and replicas.</param>
/// <param name="Callers">Those of watchers and list calls, this process.</param>
/// <param name="Others">Those of all other processes of the machine.</param>
/// <param name="Memory">The coordinator's, resident, bytes.</param>
internal sealed record UseOfASecond(double Coordinator, double Peers, double Callers, double Others, long Memory)
{
    /// <summary>Above that, times of this second say as much about other processes as about the coordinator.</summary>
    public const double QuietCores = 0.2;

    public bool IsQuiet => Others < QuietCores;
}
