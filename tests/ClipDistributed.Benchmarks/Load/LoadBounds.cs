namespace ClipDistributed.Benchmarks.Load;

/// <summary>What a coordinator under this load may use and how late it may be.</summary>
internal static class LoadBounds
{
    /// <summary>That each replica makes a second at least: else too little was asked of the coordinator to say anything.</summary>
    public const double Reports = 0.95;

    /// <summary>Processor seconds of its process a second.</summary>
    public const double Cores = 1;

    /// <summary>Resident memory, bytes.</summary>
    public const long Memory = 1L << 30;

    /// <summary>
    /// By how much the mean of the last quarter's memory may exceed that of the second one, as a part of it: the heap's own ups and downs,
    /// far less than what a watcher that reads nothing is sent.
    /// </summary>
    public const double MemoryGrowth = 0.1;

    public static readonly TimeSpan ListCall = TimeSpan.FromMilliseconds(100);

    /// <summary>From the report of a step to the watcher that reads it.</summary>
    public static readonly TimeSpan WatcherLag = TimeSpan.FromSeconds(2);
}
