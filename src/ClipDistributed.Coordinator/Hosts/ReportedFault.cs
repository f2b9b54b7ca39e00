namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Why a device cannot be used, as the last replica on it said.</summary>
/// <param name="Process">Of its host, then; empty: it is not known.</param>
/// <param name="Fault">Human-readable.</param>
internal sealed record ReportedFault(DeviceId Device, string Process, string Fault);
