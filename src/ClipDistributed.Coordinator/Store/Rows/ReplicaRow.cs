using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table replicas: written before the process is started.</summary>
internal sealed class ReplicaRow
{
    public required string RunId { get; set; }

    public required string ReplicaId { get; set; }

    public required string Host { get; set; }

    public required DeviceKind Kind { get; set; }

    /// <summary>Of the device within its kind.</summary>
    public required int DeviceIndex { get; set; }

    /// <summary>It restores its state itself.</summary>
    public required bool Restores { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Launched { get; set; }

    /// <summary>SHA-256 of the secret that it holds for its calls; empty: a former version of this program has started it.</summary>
    public byte[] SecretHash { get; set; } = [];

    /// <summary>Of the one that is on its way to the replica; empty: none is.</summary>
    public byte[] NextSecretHash { get; set; } = [];

    /// <summary>When the run released it, UTC; null: it is one of its replicas.</summary>
    public DateTime? Released { get; set; }

    /// <summary>Why it was lost; empty: it was not.</summary>
    public string Evidence { get; set; } = "";

    /// <summary>Cause of the failure that was recorded for its host; empty: none, or it was cleared.</summary>
    public string Cause { get; set; } = "";

    /// <summary>Of the failure that was recorded for its device alone; empty: none, or it was cleared.</summary>
    public string DeviceCause { get; set; } = "";
}
