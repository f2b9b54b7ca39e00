using System.Diagnostics;
using ClipDistributed.Collectives.Cuda;

namespace ClipDistributed.Collectives.Nccl;

/// <summary>
/// A non-blocking NCCL communicator. Every native call is short and made under one lock, so that an abort from another
/// thread never meets a call, and no call meets a communicator that an abort has freed; waiting is polling between calls.
/// </summary>
internal sealed unsafe class NcclCommunicator(NcclLibrary nccl, NcclOptions options) : IDisposable
{
    private static readonly TimeSpan FinalizeBound = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly ManualResetEventSlim freed = new(); // once the abort has returned
    private nint handle;
    private int aborts;

    private bool IsAborted => Volatile.Read(ref aborts) > 0;

    /// <exception cref="CollectiveException">A member did not come within <see cref="NcclOptions.Timeout"/>, or the group was
    /// aborted.</exception>
    public void Connect(NcclLibrary.UniqueId id)
    {
        int Initialize(nint none)
        {
            var config = new NcclLibrary.Config();
            nint made;
            int result = nccl.ncclCommInitRankConfig(&made, options.World, id, options.Rank, &config);
            handle = made;
            return result;
        }

        Call("connect", Initialize, options.Timeout);
    }

    /// <summary>Calls NCCL, and returns when what it does in the background is queued.</summary>
    /// <param name="timeout">How long that may take; null: until an abort.</param>
    /// <exception cref="CollectiveException">NCCL reports an error, or the group was aborted.</exception>
    public void Call(string operation, Func<nint, int> native, TimeSpan? timeout = null)
    {
        long start = Stopwatch.GetTimestamp();
        int result;
        lock (gate)
        {
            ThrowIfAborted(operation);
            result = native(handle);
        }
        for (var wait = new PollWait(); result == NcclLibrary.InProgress; wait.Once())
        {
            if (Stopwatch.GetElapsedTime(start) > timeout)
                throw new CollectiveException(operation, options.Name, $"not all of {options.World} members came within {timeout}");
            result = State(operation);
        }
        ThrowIfFailed(operation, result);
    }

    /// <exception cref="CollectiveException">A member was lost, as far as NCCL knows, or the group was aborted.</exception>
    public void Check(string operation)
    {
        int state = State(operation);
        if (state != NcclLibrary.InProgress)
            ThrowIfFailed(operation, state);
    }

    /// <summary>
    /// Returns at once: NCCL's own abort runs on a thread of its own, and where it does not return within
    /// <see cref="CudaOptions.AbortBound"/> the process ends. From any thread, more than once.
    /// </summary>
    public void Abort()
    {
        if (Interlocked.Increment(ref aborts) > 1)
            return;
        new Thread(Free) { IsBackground = true, Name = $"NCCL abort {options.Name}" }.Start();
        new Thread(EndWhereItHangs) { IsBackground = true, Name = $"NCCL abort {options.Name} watch" }.Start();
    }

    /// <summary>Returns when NCCL has let go of the group.</summary>
    public void AbortAndWait()
    {
        Abort();
        freed.Wait();
    }

    /// <summary>Peers may still read what this member has in NCCL's buffers: waits for them, but not for those that are gone.</summary>
    public void Dispose()
    {
        if (!IsAborted && handle != 0 && EndsInGoodOrder())
            return;
        AbortAndWait();
    }

    private bool EndsInGoodOrder()
    {
        try
        {
            Call("dispose", communicator => nccl.ncclCommFinalize(communicator), FinalizeBound);
            lock (gate)
            {
                ThrowIfAborted("dispose");
                _ = nccl.ncclCommDestroy(handle);
                handle = 0;
            }
            return true;
        }
        catch (CollectiveException)
        {
            return false;
        }
    }

    private void Free()
    {
        lock (gate)
        {
            if (handle != 0)
                _ = nccl.ncclCommAbort(handle);
            handle = 0;
        }
        freed.Set();
    }

    private void EndWhereItHangs()
    {
        if (!freed.Wait(options.Cuda.AbortBound))
            HungGroup.EndProcess(options.Name, "ncclCommAbort does not return");
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
        if (IsAborted)
            throw new CollectiveException(operation, options.Name, "the group was aborted");
    }

    private void ThrowIfFailed(string operation, int result)
    {
        if (result != NcclLibrary.Success)
            throw new CollectiveException(operation, options.Name, nccl.Describe(result));
    }
}
