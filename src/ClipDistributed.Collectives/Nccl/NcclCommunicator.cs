using System.Diagnostics;

namespace ClipDistributed.Collectives.Nccl;

/// <summary>
/// A non-blocking NCCL communicator. Every native call is short and made under one lock, so that an abort from another
/// thread never meets a call, and no call meets a communicator that an abort has freed; waiting is polling between calls.
/// </summary>
internal sealed unsafe class NcclCommunicator(NcclLibrary nccl, string group) : IDisposable
{
    private static readonly TimeSpan FinalizeBound = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private nint handle;
    private bool aborted;

    public void Connect(int rank, int world, NcclLibrary.UniqueId id)
    {
        Call("connect", _ =>
        {
            var config = new NcclLibrary.Config();
            nint made;
            int result = nccl.ncclCommInitRankConfig(&made, world, id, rank, &config);
            handle = made;
            return result;
        });
    }

    /// <summary>Calls NCCL, and returns when what it does in the background is queued.</summary>
    /// <exception cref="CollectiveException">NCCL reports an error, or the group was aborted.</exception>
    public void Call(string operation, Func<nint, int> native)
    {
        int result;
        lock (gate)
        {
            ThrowIfAborted(operation);
            result = native(handle);
        }
        for (var wait = new SpinWait(); result == NcclLibrary.InProgress; wait.SpinOnce())
            result = State(operation);
        ThrowIfFailed(operation, result);
    }

    /// <exception cref="CollectiveException">A member was lost, as far as NCCL knows, or the group was aborted.</exception>
    public void Check(string operation)
    {
        int state = State(operation);
        if (state != NcclLibrary.InProgress)
            ThrowIfFailed(operation, state);
    }

    public void Abort()
    {
        lock (gate)
        {
            if (!aborted && handle != 0)
                nccl.ncclCommAbort(handle);
            aborted = true;
        }
    }

    /// <summary>Peers may still read what this member has in NCCL's buffers: waits for them, but not for those that are gone.</summary>
    public void Dispose()
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            int result;
            lock (gate)
            {
                if (aborted || handle == 0)
                    return;
                result = nccl.ncclCommFinalize(handle);
            }
            for (
                var wait = new SpinWait();
                result == NcclLibrary.InProgress && Stopwatch.GetElapsedTime(start) < FinalizeBound;
                wait.SpinOnce()
            )
                result = State("dispose");
            lock (gate)
            {
                if (result != NcclLibrary.Success || aborted)
                    return;
                nccl.ncclCommDestroy(handle);
                aborted = true;
            }
        }
        catch (CollectiveException)
        {
            // Aborted meanwhile, which also frees it.
        }
        finally
        {
            Abort();
        }
    }

    private int State(string operation)
    {
        lock (gate)
        {
            ThrowIfAborted(operation);
            int state;
            int result = nccl.ncclCommGetAsyncError(handle, &state);
            return result == NcclLibrary.Success ? state : result;
        }
    }

    private void ThrowIfAborted(string operation)
    {
        if (aborted)
            throw new CollectiveException(operation, group, "the group was aborted");
    }

    private void ThrowIfFailed(string operation, int result)
    {
        if (result != NcclLibrary.Success)
            throw new CollectiveException(operation, group, nccl.Describe(result));
    }
}
