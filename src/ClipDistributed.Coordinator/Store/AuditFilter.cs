namespace ClipDistributed.Coordinator.Store;

/// <summary>Which rows of the audit are asked for.</summary>
/// <param name="Owner">Empty: all.</param>
/// <param name="Target">Empty: all.</param>
/// <param name="Since">UTC, itself included; null: from the first.</param>
/// <param name="Before">UTC, itself left out; null: to the last.</param>
internal sealed record AuditFilter(string Owner = "", string Target = "", DateTime? Since = null, DateTime? Before = null);
