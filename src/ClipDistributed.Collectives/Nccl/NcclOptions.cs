using ClipDistributed.Collectives.Cuda;

namespace ClipDistributed.Collectives.Nccl;

/// <summary>One member's place in a group of GPUs.</summary>
public sealed record NcclOptions
{
    /// <summary>0..World−1.</summary>
    public required int Rank { get; init; }

    public required int World { get; init; }

    /// <summary>What messages call the group, for example "generation 3".</summary>
    public required string Name { get; init; }

    /// <summary>Where this member's data are.</summary>
    public CudaOptions Cuda { get; init; } = new();

    /// <summary>Path of libnccl.so.2; null for the one that libtorch has loaded or holds, else the system's.</summary>
    public string? NcclLibrary { get; init; }

    /// <summary>How long to wait for the other members to come.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);
}
