namespace ClipDistributed.Data.Samples;

/// <summary>Where the time of reading ahead went, seconds; the largest names the stage that all others wait for.</summary>
/// <param name="Source">Until the source gave its next item.</param>
/// <param name="Workers">Until one of the transforming workers was free.</param>
/// <param name="Taker">Until somebody took what was ready.</param>
public readonly record struct ReadAheadWaits(double Source, double Workers, double Taker);
