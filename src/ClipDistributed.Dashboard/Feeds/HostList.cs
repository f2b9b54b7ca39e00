using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>Hosts by their names.</summary>
public sealed record HostList(IReadOnlyList<Host> Hosts);
