namespace ClipDistributed.Coordinator.Store;

/// <summary>Another coordinator has taken the store over: this one must stop. Nothing was written.</summary>
internal sealed class TermOverException(long term) : Exception($"another coordinator has taken over from the one of term {term}");
