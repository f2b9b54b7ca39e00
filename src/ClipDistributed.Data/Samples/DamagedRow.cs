using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Samples;

/// <summary>A row that cannot be used.</summary>
/// <param name="Reason">What is wrong with it, in words.</param>
public readonly record struct DamagedRow(SampleId Id, string Reason);
