using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.ActiveRuns;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The attempts of a run, as its directory lists them.</summary>
internal interface IAttemptList
{
    /// <summary>Adds an attempt that begins at a checkpoint; done twice it is the same as once.</summary>
    /// <param name="claim">To the run directory.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="BadInputException">The list is damaged, or another process writes to the directory.</exception>
    /// <exception cref="IOException">The directory is unavailable or full.</exception>
    int Begin(string runDirectory, WriterClaim claim, RollBack from);
}
