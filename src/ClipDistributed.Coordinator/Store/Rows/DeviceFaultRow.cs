using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table device_faults: why no replica may use a device, as the last one on it reported.</summary>
internal sealed class DeviceFaultRow
{
    public required string Host { get; set; }

    public required DeviceKind Kind { get; set; }

    /// <summary>Of the device within its kind.</summary>
    public required int DeviceIndex { get; set; }

    /// <summary>SHA-256 of the secret of the host's process then: with another one the fault is forgotten.</summary>
    public required byte[] Process { get; set; }

    /// <summary>Human-readable.</summary>
    public required string Fault { get; set; }
}
