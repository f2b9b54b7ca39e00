using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>A job that can be submitted.</summary>
/// <param name="Notices">Human-readable.</param>
/// <param name="Placement">As devices are used now.</param>
internal sealed record ValidatedJob(CheckedRun Run, IReadOnlyList<string> Notices, Placement Placement);
