namespace ClipDistributed.Coordinator.Tests.Control.Callers;

/// <summary>Tests that start processes, alone: a child that begins holds the locks of this process's coordinators for a moment.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessCollection
{
    public const string Name = "processes";
}
