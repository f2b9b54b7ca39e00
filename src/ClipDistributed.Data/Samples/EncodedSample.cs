using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Samples;

/// <summary>A sample as it is stored, before decoding.</summary>
/// <param name="Slot">Its place in the global batch.</param>
/// <param name="PlannedId">The row that the order names for this slot.</param>
/// <param name="UsedId">The row that these bytes are from: the planned one unless that is damaged.</param>
/// <param name="Image">The encoded image; shared with the block, not to be changed.</param>
/// <param name="Caption">Its text.</param>
public sealed record EncodedSample(int Slot, SampleId PlannedId, SampleId UsedId, byte[] Image, string Caption);
