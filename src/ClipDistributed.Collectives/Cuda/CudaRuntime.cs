using System.Runtime.InteropServices;

namespace ClipDistributed.Collectives.Cuda;

/// <summary>The part of the CUDA runtime that orders streams, under its native names.</summary>
internal sealed unsafe class CudaRuntime
{
    public const int Success = 0;
    public const int NotReady = 600; // cudaErrorNotReady

    private const uint NonBlocking = 1; // cudaStreamNonBlocking
    private const uint DisableTiming = 2; // cudaEventDisableTiming
    private const int ToDevice = 1; // cudaMemcpyHostToDevice
    private const int ToHost = 2; // cudaMemcpyDeviceToHost

    private readonly delegate* unmanaged<int, int> cudaSetDevice;
    private readonly delegate* unmanaged<nint*, uint, int> cudaStreamCreateWithFlags;
    private readonly delegate* unmanaged<nint, nint, uint, int> cudaStreamWaitEvent;
    private readonly delegate* unmanaged<nint, int> cudaStreamQuery;
    private readonly delegate* unmanaged<nint, int> cudaStreamDestroy;
    private readonly delegate* unmanaged<nint*, uint, int> cudaEventCreateWithFlags;
    private readonly delegate* unmanaged<nint, nint, int> cudaEventRecord;
    private readonly delegate* unmanaged<nint, int> cudaEventQuery;
    private readonly delegate* unmanaged<nint, int> cudaEventDestroy;
    private readonly delegate* unmanaged<nint, nint, nuint, int, nint, int> cudaMemcpyAsync;
    private readonly delegate* unmanaged<nint*, nuint, int> cudaMallocHost;
    private readonly delegate* unmanaged<nint, int> cudaFreeHost;
    private readonly delegate* unmanaged<int, byte*> cudaGetErrorString;

    private readonly string group;

    /// <param name="group">What messages call the group.</param>
    /// <param name="path">Of libcudart.so; null: the one that libtorch has loaded, in its packages
    /// <c>libcudart-HASH.so.12</c>, else the system's.</param>
    public CudaRuntime(string group, string? path)
    {
        this.group = group;
        var table = CudaLibrary.Open(path, nameof(cudaStreamWaitEvent));
        Path = table.Path;
        cudaSetDevice = (delegate* unmanaged<int, int>)table[nameof(cudaSetDevice)];
        cudaStreamCreateWithFlags = (delegate* unmanaged<nint*, uint, int>)table[nameof(cudaStreamCreateWithFlags)];
        cudaStreamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)table[nameof(cudaStreamWaitEvent)];
        cudaStreamQuery = (delegate* unmanaged<nint, int>)table[nameof(cudaStreamQuery)];
        cudaStreamDestroy = (delegate* unmanaged<nint, int>)table[nameof(cudaStreamDestroy)];
        cudaEventCreateWithFlags = (delegate* unmanaged<nint*, uint, int>)table[nameof(cudaEventCreateWithFlags)];
        cudaEventRecord = (delegate* unmanaged<nint, nint, int>)table[nameof(cudaEventRecord)];
        cudaEventQuery = (delegate* unmanaged<nint, int>)table[nameof(cudaEventQuery)];
        cudaEventDestroy = (delegate* unmanaged<nint, int>)table[nameof(cudaEventDestroy)];
        cudaMemcpyAsync = (delegate* unmanaged<nint, nint, nuint, int, nint, int>)table[nameof(cudaMemcpyAsync)];
        cudaMallocHost = (delegate* unmanaged<nint*, nuint, int>)table[nameof(cudaMallocHost)];
        cudaFreeHost = (delegate* unmanaged<nint, int>)table[nameof(cudaFreeHost)];
        cudaGetErrorString = (delegate* unmanaged<int, byte*>)table[nameof(cudaGetErrorString)];
    }

    /// <summary>Of the library that was found.</summary>
    public string Path { get; }

    /// <summary>For the calling thread.</summary>
    public void SetDevice(string operation, int device) => Check(operation, cudaSetDevice(device));

    /// <summary>A stream that the default stream does not serialise.</summary>
    public nint NewStream(string operation)
    {
        nint stream;
        Check(operation, cudaStreamCreateWithFlags(&stream, NonBlocking));
        return stream;
    }

    /// <summary>An event after what the stream holds now.</summary>
    public nint Record(string operation, nint stream)
    {
        nint marker;
        Check(operation, cudaEventCreateWithFlags(&marker, DisableTiming));
        Check(operation, cudaEventRecord(marker, stream));
        return marker;
    }

    /// <summary>What is queued in the stream from now on comes after the event.</summary>
    public void After(string operation, nint stream, nint marker) => Check(operation, cudaStreamWaitEvent(stream, marker, 0));

    /// <summary>Whether the event has happened.</summary>
    public bool Happened(string operation, nint marker)
    {
        int result = cudaEventQuery(marker);
        if (result != NotReady)
            Check(operation, result);
        return result == Success;
    }

    /// <summary>Whether something queued in the stream is not done. A device that failed runs nothing.</summary>
    public bool IsBusy(nint stream) => cudaStreamQuery(stream) == NotReady;

    /// <param name="host">Memory of <see cref="AllocateHost"/>: with other memory the call waits for the copy.</param>
    public void CopyToHost(string operation, nint host, nint device, long bytes, nint stream) =>
        Check(operation, cudaMemcpyAsync(host, device, (nuint)bytes, ToHost, stream));

    /// <param name="host">Memory of <see cref="AllocateHost"/>.</param>
    public void CopyToDevice(string operation, nint device, nint host, long bytes, nint stream) =>
        Check(operation, cudaMemcpyAsync(device, host, (nuint)bytes, ToDevice, stream));

    /// <summary>Memory of the host that the device reaches by itself.</summary>
    public nint AllocateHost(string operation, long bytes)
    {
        nint address;
        Check(operation, cudaMallocHost(&address, (nuint)bytes));
        return address;
    }

    public void FreeHost(nint address) => cudaFreeHost(address);

    /// <summary>The driver frees it once nothing waits for it.</summary>
    public void Forget(nint marker) => cudaEventDestroy(marker);

    public void Destroy(nint stream) => cudaStreamDestroy(stream);

    private void Check(string operation, int result)
    {
        if (result == Success)
            return;
        string detail = $"CUDA: {Marshal.PtrToStringUTF8((nint)cudaGetErrorString(result))}";
        // After these every call of this process fails: uncorrectable errors of memory and NVLink, and exceptions of kernels.
        throw result is 214 or 220 or 700 or (>= 714 and <= 719)
            ? new DeviceFaultException(operation, group, detail)
            : new CollectiveException(operation, group, detail);
    }
}
