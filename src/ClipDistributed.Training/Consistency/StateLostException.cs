namespace ClipDistributed.Training.Consistency;

/// <summary>The replicas hold different states and nobody can tell which is right. The run goes on from its newest checkpoint.</summary>
public sealed class StateLostException(string reason) : Exception(reason);
