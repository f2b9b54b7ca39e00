namespace ClipDistributed.Cli.Exports;

/// <summary>What an export has done.</summary>
/// <param name="RunId">Of the other system.</param>
internal sealed record ExportResult(string Run, string ExperimentId, string RunId)
{
    /// <summary>Lines of the metrics file that it had before.</summary>
    public int Skipped { get; set; }

    /// <summary>Lines that were read now.</summary>
    public int Lines { get; set; }

    /// <summary>Values that were sent.</summary>
    public long Values { get; set; }

    /// <summary>Values that were left out, as they are NaN or infinite.</summary>
    public long NonFinite { get; set; }
}
