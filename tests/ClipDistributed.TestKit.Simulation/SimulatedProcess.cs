namespace ClipDistributed.TestKit.Simulation;

/// <summary>A process that may end, stand still or hang.</summary>
internal abstract class SimulatedProcess(SimulatedCluster cluster)
{
    private readonly List<Action> missed = []; // while it stood still

    public abstract string Id { get; }

    /// <summary>Null: none is open.</summary>
    public abstract SimulatedCall? Call { get; }

    public bool IsAlive { get; private set; } = true;

    /// <summary>It neither computes nor sends nor receives.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>It makes no progress, though it sends heartbeats; it does not receive either.</summary>
    public bool IsStuck { get; private set; }

    public bool Works => IsAlive && !IsFrozen && !IsStuck;

    public void Freeze()
    {
        cluster.Trace($"{Id} stands still");
        IsFrozen = true;
        Call?.AwaitPings(() => true);
    }

    /// <summary>It goes on after it stood still, and finds its connection broken.</summary>
    public void Thaw()
    {
        if (!IsAlive || !IsFrozen)
            return;
        cluster.Trace($"{Id} goes on");
        IsFrozen = false;
        Call?.Leave();
        missed.ForEach(happens => happens());
        missed.Clear();
        GoesOn();
    }

    public void Stick()
    {
        cluster.Trace($"{Id} hangs");
        IsStuck = true;
    }

    /// <summary>A process that stands still does later what happens to it meanwhile.</summary>
    protected bool Misses(Action happens)
    {
        if (IsFrozen && IsAlive)
            missed.Add(happens);
        return IsFrozen;
    }

    /// <returns>False: it has ended before.</returns>
    protected bool Ends()
    {
        bool wasAlive = IsAlive;
        IsAlive = false;
        return wasAlive;
    }

    /// <summary>It no longer stands still.</summary>
    protected abstract void GoesOn();
}
