namespace ClipDistributed.Collectives.Nccl;

/// <summary>One member's place in a group of GPUs.</summary>
public sealed record NcclOptions
{
    /// <summary>0..World−1.</summary>
    public required int Rank { get; init; }

    public required int World { get; init; }

    /// <summary>What messages call the group, for example "generation 3".</summary>
    public required string Name { get; init; }

    /// <summary>The CUDA device of this member, as the CUDA runtime counts.</summary>
    public int Device { get; init; }

    /// <summary>The CUDA stream on which the caller makes and uses the data; 0 is the legacy default stream.</summary>
    public nint Stream { get; init; }

    /// <summary>Path of libnccl.so.2; null for the one that libtorch has loaded or holds, else the system's.</summary>
    public string? NcclLibrary { get; init; }

    /// <summary>Path of libcudart.so; null for the one that libtorch has loaded, else one beside the program, else the system's newest
    /// of 13, 12, 11.</summary>
    public string? CudaLibrary { get; init; }

    /// <summary>How long to wait for the other members to come.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long an abort, and what is queued on the device after it, may take; then the process ends.</summary>
    public TimeSpan AbortBound { get; init; } = TimeSpan.FromSeconds(5);
}
