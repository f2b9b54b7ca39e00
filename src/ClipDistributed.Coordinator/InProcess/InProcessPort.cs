namespace ClipDistributed.Coordinator.InProcess;

/// <summary>A feature of connections from this process.</summary>
internal sealed class InProcessPort;
