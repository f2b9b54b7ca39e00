namespace ClipDistributed.Collectives;

/// <summary>Where the members of one group leave their addresses for each other. Keys belong to this group alone.</summary>
public interface IRendezvous
{
    void Set(string key, byte[] value);

    /// <summary>The value, once a member has set it.</summary>
    /// <exception cref="TimeoutException">No member set it in time.</exception>
    byte[] Get(string key, TimeSpan timeout);
}
