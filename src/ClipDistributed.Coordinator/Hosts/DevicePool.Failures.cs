using ClipDistributed.Coordinator.Store.Rows;

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
    /// <param name="ago">How long ago.</param>
    /// <returns>As of the host's.</returns>
    public string? RecordFailure(DeviceId device, string cause, string evidence, TimeSpan ago = default)
    {
        lock (gate)
            return failures.Record(device.Host, device, cause, evidence, ago);
    }

    /// <summary>A failure of a host or of its device was recorded by a coordinator before this one.</summary>
    public void Restore(ReplicaRow lost, DateTime now)
    {
        string evidence = $"replica {lost.ReplicaId} on host {lost.Host} {lost.Evidence}";
        var ago = now > lost.Released!.Value ? now - lost.Released.Value : TimeSpan.Zero;
        if (lost.Cause != "")
            RecordFailure(lost.Host, lost.Cause, evidence, ago);
        if (lost.DeviceCause != "")
            RecordFailure(new DeviceId(lost.Host, lost.Kind, lost.DeviceIndex), lost.DeviceCause, evidence, ago);
    }

    /// <summary>Which faults replicas reported has changed.</summary>
    public event Action? FaultsChanged;

    /// <summary>Faults that replicas reported, and that were not cleared.</summary>
    public IReadOnlyList<ReportedFault> ReportedFaults
    {
        get
        {
            lock (gate)
                return faults.Reported;
        }
    }

    /// <summary>The device failed under a replica: it is offered to no run until another process of its host connects, or a user clears
    /// that.</summary>
    public void ReportFault(DeviceId device, string fault)
    {
        lock (gate)
            faults.Report(device, fault);
        FaultsChanged?.Invoke();
    }

    /// <summary>They were reported to a coordinator before this one.</summary>
    public void RestoreFaults(IEnumerable<ReportedFault> before)
    {
        lock (gate)
        {
            foreach (var fault in before)
                faults.Restore(fault);
        }
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
        bool wereReported;
        lock (gate)
        {
            wereReported = faults.Clear(host);
            if (!(failures.Clear(host) | wereReported))
                return;
        }
        if (wereReported)
            FaultsChanged?.Invoke();
        Changed?.Invoke();
    }

    /// <summary>Why the host is quarantined, and until when; null: it is not.</summary>
    public (string Evidence, DateTimeOffset Until)? QuarantineOf(string host)
    {
        lock (gate)
            return failures.QuarantineOf(host);
    }
}
