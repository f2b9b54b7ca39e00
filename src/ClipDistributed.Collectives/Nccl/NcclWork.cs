using ClipDistributed.Collectives.Cuda;

namespace ClipDistributed.Collectives.Nccl;

/// <summary>What one event of the group's stream stands for.</summary>
internal sealed class NcclWork(string operation, GroupStream stream, NcclCommunicator communicator) : ICollectiveWork
{
    private readonly nint done = stream.Record(operation);
    private bool waited;

    /// <summary>
    /// Polls, because NCCL leaves a stream that waits for a lost peer waiting; an abort lets the stream go on with data that must
    /// not be used, so the group is checked once more at the end. Throws when nothing of the group writes to memory any more.
    /// </summary>
    public void Wait()
    {
        if (waited)
            return;
        waited = true;
        try
        {
            for (var wait = new PollWait(); !stream.Happened(operation, done); wait.Once())
                communicator.Check(operation);
            communicator.Check(operation);
        }
        catch (CollectiveException)
        {
            communicator.AbortAndWait();
            stream.Drain();
            throw;
        }
        finally
        {
            stream.Forget(done);
        }
    }
}
