using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Runs;

internal sealed partial class RunEffects
{
    private void Release(Release release)
    {
        var replica = release.Replica;
        string host = replica.Device.Host;
        if (release.Failure is { } failure
            && services.Pool.RecordFailure(host, failure, $"{replica.Described} {replica.Evidence}") is { } quarantined)
        {
            results.Add(new RunInput.HostQuarantined(host, quarantined));
            LogQuarantine(host, quarantined);
        }
        CloseDevice(release);
        services.Replicas.Remove(replica.ReplicaId);
        services.Pool.Release(replica.Device, replica.ReplicaId);
    }

    private void CloseDevice(Release release)
    {
        var (replica, device) = (release.Replica, release.Replica.Device);
        if (release.DeviceFault is { } fault)
        {
            services.Pool.ReportFault(device, fault);
            LogDeviceFaulty(device.Name, device.Host, fault);
        }
        if (release.DeviceFailure is { } failure
            && services.Pool.RecordFailure(device, failure, $"{replica.Described} {replica.Evidence}") is { } quarantined)
            LogDeviceQuarantine(device.Name, device.Host, quarantined);
    }
}
