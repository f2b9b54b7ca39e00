namespace ClipDistributed.Collectives.Tests;

/// <summary>Keys of one group whose members are threads of this process.</summary>
internal sealed class MemoryRendezvous : IRendezvous
{
    private readonly Dictionary<string, byte[]> values = [];

    /// <summary>How often a key was set or found.</summary>
    public int Calls { get; private set; }

    public void Set(string key, byte[] value)
    {
        lock (values)
        {
            Calls++;
            values.Add(key, value);
            Monitor.PulseAll(values);
        }
    }

    public byte[] Get(string key, TimeSpan timeout)
    {
        lock (values)
        {
            while (!values.ContainsKey(key))
            {
                if (!Monitor.Wait(values, timeout))
                    throw new TimeoutException(key);
            }
            Calls++;
            return values[key];
        }
    }
}
