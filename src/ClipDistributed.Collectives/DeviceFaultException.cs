namespace ClipDistributed.Collectives;

/// <summary>This member's GPU failed: its memory, its link or what ran on it. The process cannot use it any more.</summary>
public sealed class DeviceFaultException(string operation, string group, string detail)
    : CollectiveException(operation, group, detail);
