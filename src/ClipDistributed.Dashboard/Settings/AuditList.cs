using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Settings;

/// <summary>A page of the audit, newest first.</summary>
/// <param name="Next">The token of the page after it; empty: there is none.</param>
public sealed record AuditList(IReadOnlyList<AuditEntry> Entries, string Next);
