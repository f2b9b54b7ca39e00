namespace ClipDistributed.Collectives.Nccl;

/// <summary>What one event of the group's stream stands for.</summary>
internal sealed class NcclWork(string operation, CudaRuntime cuda, NcclCommunicator communicator, nint done) : ICollectiveWork
{
    private bool waited;

    /// <summary>
    /// Polls, because NCCL leaves a stream that waits for a lost peer waiting; an abort lets the stream go on, with data that
    /// nobody may use, so it is looked for once more at the end.
    /// </summary>
    public void Wait()
    {
        if (waited)
            return;
        for (var wait = new SpinWait(); !cuda.Happened(operation, done); wait.SpinOnce(sleep1Threshold: -1))
            communicator.Check(operation);
        communicator.Check(operation);
        waited = true;
        cuda.Forget(done);
    }
}
