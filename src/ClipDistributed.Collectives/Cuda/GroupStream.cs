using System.Diagnostics;

namespace ClipDistributed.Collectives.Cuda;

/// <summary>The CUDA stream on which a group's operations run, beside the caller's.</summary>
internal sealed class GroupStream(CudaRuntime cuda, CudaOptions options, string group) : IDisposable
{
    public nint Handle { get; } = cuda.NewStream("connect");

    /// <summary>For the calling thread.</summary>
    public void UseDevice(string operation) => cuda.SetDevice(operation, options.Device);

    /// <summary>What the group queues from now on comes after what the caller's stream holds now. For the calling thread.</summary>
    public void FollowCaller(string operation)
    {
        UseDevice(operation);
        nint before = cuda.Record(operation, options.Stream);
        cuda.After(operation, Handle, before);
        cuda.Forget(before);
    }

    /// <summary>An event after what the stream holds now.</summary>
    public nint Record(string operation) => cuda.Record(operation, Handle);

    public bool Happened(string operation, nint marker) => cuda.Happened(operation, marker);

    public void Forget(nint marker) => cuda.Forget(marker);

    /// <summary>After an abort: until nothing of the group writes any more. Ends the process where that takes longer than
    /// <see cref="CudaOptions.AbortBound"/>.</summary>
    public void Drain()
    {
        long start = Stopwatch.GetTimestamp();
        for (var wait = new PollWait(); cuda.IsBusy(Handle); wait.Once())
        {
            if (Stopwatch.GetElapsedTime(start) > options.AbortBound)
                HungGroup.EndProcess(group, "its stream does not become empty");
        }
    }

    public void Dispose() => cuda.Destroy(Handle);
}
