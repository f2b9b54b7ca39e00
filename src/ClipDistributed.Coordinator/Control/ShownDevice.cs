using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Hosts;

namespace ClipDistributed.Coordinator.Control;

/// <summary>A device as the API shows it.</summary>
internal static class ShownDevice
{
    /// <param name="offered">As its host offered it.</param>
    /// <param name="state">As its host described it last; null: it did not.</param>
    /// <param name="user">The run that has it, and its replica there; null: none has.</param>
    /// <param name="reported">A fault that a replica on it reported; null: none.</param>
    public static HostDevice Of(
        DeviceId id, Device offered, DeviceState? state, (string RunId, string? ReplicaId)? user, string? reported)
    {
        var shown = new HostDevice
        {
            Device = id.Name,
            Name = offered.Name,
            ReplicaId = user?.ReplicaId ?? "",
            RunId = user?.RunId ?? "",
            Uuid = offered.Uuid,
            Fault = state is { Fault: not "" } faulty ? faulty.Fault : reported ?? "",
        };
        if (offered.HasMemoryBytes)
            shown.MemoryBytes = offered.MemoryBytes;
        if (state is { HasFreeMemoryBytes: true })
            shown.FreeMemoryBytes = state.FreeMemoryBytes;
        if (state is { HasTemperatureCelsius: true })
            shown.TemperatureCelsius = state.TemperatureCelsius;
        return shown;
    }
}
