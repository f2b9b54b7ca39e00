namespace ClipDistributed.Coordinator.Connections;

/// <summary>A call on a connection, from its headers to its end.</summary>
internal sealed class OpenCall(ConnectionBudget budget, string connectionId) : IDisposable
{
    /// <summary>It is a host's or a replica's, which has shown that: its connection is not given up for others.</summary>
    public void Keep() => budget.Keep(connectionId);

    public void Dispose() => budget.CallEnded(connectionId);
}
