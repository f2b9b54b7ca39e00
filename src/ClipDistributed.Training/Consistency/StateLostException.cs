namespace ClipDistributed.Training.Consistency;

/// <summary>The replicas hold different states and none can be shown to be right. The run goes on from its newest checkpoint.</summary>
public sealed class StateLostException(string reason) : Exception(reason);
