namespace ClipDistributed.Collectives.Cuda;

/// <summary>Finds the CUDA runtime.</summary>
internal static class CudaLibrary
{
    /// <param name="path">Of libcudart.so; null: the one that libtorch has loaded, in its packages
    /// <c>libcudart-HASH.so.12</c>, else the system's.</param>
    /// <param name="symbol">A function that the caller needs.</param>
    /// <exception cref="Contracts.Errors.BadInputException">None can be loaded.</exception>
    public static NativeTable Open(string? path, string symbol) =>
        new(
            "The CUDA runtime, which replicas on GPUs need,",
            path,
            [.. MappedLibraries.Named("libcudart"), "libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0"],
            symbol,
            "install it (NVIDIA's package cuda-cudart of the driver's CUDA version) or give its path"
        );
}
