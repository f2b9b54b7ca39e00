using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives.Cuda;

/// <summary>The memory of a GPU, bytes.</summary>
/// <param name="Device">As the CUDA runtime counts in this process.</param>
/// <param name="Free">That no process uses; this one's CUDA context is among what is used.</param>
/// <param name="Total">That the GPU has.</param>
public sealed record CudaMemory(int Device, long Free, long Total)
{
    /// <summary>As in <c>cuda:0</c>.</summary>
    public string Name => $"cuda:{Device}";

    /// <param name="library">As <see cref="CudaOptions.Library"/>.</param>
    /// <exception cref="BadInputException">The CUDA runtime is not installed, or the device cannot be used.</exception>
    public static unsafe CudaMemory Of(int device, string? library = null)
    {
        var table = CudaLibrary.Open(library, "cudaMemGetInfo");
        nuint free = 0, total = 0;
        int result = ((delegate* unmanaged<int, int>)table["cudaSetDevice"])(device);
        if (result == CudaRuntime.Success)
            result = ((delegate* unmanaged<nuint*, nuint*, int>)table["cudaMemGetInfo"])(&free, &total);
        if (result == CudaRuntime.Success)
            return new CudaMemory(device, (long)free, (long)total);
        nint text = (nint)((delegate* unmanaged<int, byte*>)table["cudaGetErrorString"])(result);
        throw new BadInputException(
            $"The memory of cuda:{device} cannot be read: {Marshal.PtrToStringUTF8(text)}; see what `nvidia-smi` shows of it."
        );
    }
}
