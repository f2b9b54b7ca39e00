using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.TestKit.Simulation.Stores;

/// <summary>What all coordinators of a simulation share, as they share a database of PostgreSQL's.</summary>
internal interface ISimulatedStore : IDisposable
{
    /// <summary>The next coordinator takes it over.</summary>
    /// <param name="faults">As that one's process meets them.</param>
    IRunStore Lead(StoreFaults faults);

    /// <summary>Whether a generation is durable.</summary>
    bool IsKept(string runId, StartGeneration generation);

    /// <summary>How a generation cuts the batch of a step by what is durable: the rows of every rank, a line each.</summary>
    string SharesOf(string runId, long generation, long step);
}
