namespace ClipDistributed.Coordinator.Hosts;

internal sealed partial class DevicePool
{
    /// <summary>A replica on the host was lost: it gets no others for a while.</summary>
    /// <param name="cause">What the loss ended, such as a generation; the same cause again is not another loss.</param>
    /// <param name="evidence">Human-readable.</param>
    /// <param name="ago">How long ago.</param>
    /// <returns>Until when the host is quarantined for it, human-readable, and why; null: it is not, and only gets none for a
    /// moment.</returns>
    public string? RecordFailure(string host, string cause, string evidence, TimeSpan ago = default)
    {
        lock (gate)
            return failures.Record(host, null, cause, evidence, ago);
    }

    /// <summary>A replica was lost by what its device alone lacks: that gets no others for a while, other devices of the host do.</summary>
    /// <returns>As of the host's.</returns>
    public string? RecordFailure(DeviceId device, string cause, string evidence)
    {
        lock (gate)
            return failures.Record(device.Host, device, cause, evidence, TimeSpan.Zero);
    }

    /// <summary>The device failed under a replica: it is offered to no run until its host connects anew, or a user clears that.</summary>
    public void ReportFault(DeviceId device, string fault)
    {
        lock (gate)
            faults.Report(device, fault);
    }

    /// <summary>What the last replica on the device said of it; null: nothing.</summary>
    public string? ReportedFault(DeviceId device)
    {
        lock (gate)
            return faults.ReportedOf(device);
    }

    /// <summary>A user has cleared the failures of the host.</summary>
    public void ClearQuarantine(string host)
    {
        lock (gate)
        {
            if (!(failures.Clear(host) | faults.Clear(host)))
                return;
        }
        Changed?.Invoke();
    }

    /// <summary>Why the host is quarantined, and until when; null: it is not.</summary>
    public (string Evidence, DateTimeOffset Until)? QuarantineOf(string host)
    {
        lock (gate)
            return failures.QuarantineOf(host);
    }
}
