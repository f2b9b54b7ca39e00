namespace ClipDistributed.Collectives.Cuda;

/// <summary>Where the data of a group's member are.</summary>
public sealed record CudaOptions
{
    /// <summary>As the CUDA runtime counts in this process.</summary>
    public int Device { get; init; }

    /// <summary>The CUDA stream on which the caller makes and uses the data; 0 is the legacy default stream.</summary>
    public nint Stream { get; init; }

    /// <summary>Path of libcudart.so; null for the one that libtorch has loaded, else the system's newest of 13, 12, 11.</summary>
    public string? Library { get; init; }

    /// <summary>How long an abort, and what is queued on the device after it, may take; then the process ends.</summary>
    public TimeSpan AbortBound { get; init; } = TimeSpan.FromSeconds(5);
}
