namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>What a scripted host says of itself.</summary>
internal sealed record ScriptedOffer
{
    public int Cpus { get; init; } = 1;

    public int Gpus { get; init; }

    public string GpuName { get; init; } = "a GPU";

    public uint Protocol { get; init; } = Contracts.Processes.Protocol.Version;

    public string Version { get; init; } = "0.1.0";

    /// <summary>Another number is another process, which knows nothing of this one's secret.</summary>
    public byte Process { get; init; } = 1;

    /// <summary>That already run there.</summary>
    public IReadOnlyList<string> ReplicaIds { get; init; } = [];
}
