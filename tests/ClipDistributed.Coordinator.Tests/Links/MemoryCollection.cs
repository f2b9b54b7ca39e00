namespace ClipDistributed.Coordinator.Tests.Links;

/// <summary>Tests that measure what this process allocates, alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "memory";
}
