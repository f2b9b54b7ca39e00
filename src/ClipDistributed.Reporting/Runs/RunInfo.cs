namespace ClipDistributed.Reporting.Runs;

/// <summary>What <c>run.json</c> tells; any part may be missing.</summary>
/// <param name="Name">Title of the report.</param>
/// <param name="Parameters">Trained numbers of the model.</param>
/// <param name="Seconds">Wall time of the run.</param>
public sealed record RunInfo(string? Name = null, long? Parameters = null, double? Seconds = null);
