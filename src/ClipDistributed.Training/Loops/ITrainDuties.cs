using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Training.Loops;

/// <summary>
/// What is done between steps. <c>TrainingRun</c> implements it: rank 0 records, evaluates and saves through its <c>RunWriter</c>, the
/// others have a <c>NullWriter</c>.
/// </summary>
public interface ITrainDuties
{
    /// <summary>Reports and persists what happened.</summary>
    void Record(RunRecord record);

    /// <summary>Does nothing where this step has been evaluated before.</summary>
    /// <param name="entering">Receives the number of each piece that enters the model.</param>
    void Evaluate(long step, Action<int> entering);

    /// <summary>Whether a checkpoint of this step is in the run directory, or is another replica's to write.</summary>
    bool HasCheckpoint(long step);

    /// <summary>Whether one should be written after this step, as far as this replica knows; called once a step.</summary>
    bool IsCheckpointDue(long step);

    /// <summary>
    /// Takes a copy of the state, which is written while training goes on; where one is still being written, the next step's
    /// is taken instead. With <paramref name="cleanStop"/> no step follows, and the method waits for it.
    /// </summary>
    /// <exception cref="IOException">The last checkpoint of a run could not be written.</exception>
    void SaveCheckpoint(long step, bool cleanStop);
}
