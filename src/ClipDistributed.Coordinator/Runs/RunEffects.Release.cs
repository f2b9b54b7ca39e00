using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Members;
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
        if (release.DeviceFailure is { } ofDevice)
            CloseDevice(replica, ofDevice);
        services.Replicas.Remove(replica.ReplicaId);
        services.Pool.Release(replica.Device, replica.ReplicaId);
    }

    /// <summary>A device that failed by itself stays closed; one that had too little memory is tried again, less and less often.</summary>
    private void CloseDevice(Replica replica, string failure)
    {
        var device = replica.Device;
        string fault = string.Join(" | ", replica.Seat.Failure!.Errors);
        if (replica.Seat.Failure.Kind == FailureKind.Faulty)
        {
            services.Pool.ReportFault(device, fault);
            LogDeviceFaulty(device.Name, device.Host, fault);
        }
        else if (services.Pool.RecordFailure(device, failure, $"{replica.Described} {replica.Evidence}") is { } quarantined)
        {
            LogDeviceQuarantine(device.Name, device.Host, quarantined);
        }
    }
}
