namespace ClipDistributed.Coordinator.Connections;

/// <summary>A call on a connection, from its headers to its end.</summary>
internal sealed class OpenCall(ConnectionBudget budget, string connectionId) : IDisposable
{
    /// <summary>The caller is an authenticated host or replica: its connection is not closed for others.</summary>
    public void Keep() => budget.Keep(connectionId);

    public void Dispose() => budget.CallEnded(connectionId);
}
