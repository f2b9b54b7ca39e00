using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>What a run has to do; fixed when it was submitted.</summary>
/// <param name="ShareUnit">Rows of the global batch that one replica computes together.</param>
internal sealed record RunWork(RunNeed Need, StreamOrder Order, int ShareUnit);
