using System.Diagnostics;

namespace ClipDistributed.Contracts.Processes;

/// <summary>
/// Bounds how long the threads of a tensor operator spin while they wait for each other. libgomp spins for milliseconds by
/// default; where another process uses one of the cores, the spinning threads take the time of the one that is waited for
/// (measured in `docs/performance.md`). A short spin costs little on a quiet machine and yields the core on a busy one.
/// </summary>
public static class ThreadWaiting
{
    private const string SpinCount = "GOMP_SPINCOUNT", Spins = "10000";

    // Each of them decides how threads wait; a user who set one has decided.
    private static readonly string[] Deciding = [SpinCount, "OMP_WAIT_POLICY"];

    /// <summary>Of a process that is about to be started; what the user has set stays as it is.</summary>
    public static void Apply(ProcessStartInfo start)
    {
        if (Deciding.All(name => string.IsNullOrEmpty(start.Environment.TryGetValue(name, out string? set) ? set : null)))
            start.Environment[SpinCount] = Spins;
    }
}
