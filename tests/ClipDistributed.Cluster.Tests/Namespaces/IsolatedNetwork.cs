namespace ClipDistributed.Cluster.Tests.Namespaces;

/// <summary>
/// Machines in a network of their own: a network namespace each, joined by a bridge in another one, so that nothing of
/// this machine's network is touched. Machine i has the address 10.77.0.i, from 1.
/// </summary>
internal sealed class IsolatedNetwork : IDisposable
{
    private readonly string prefix = $"clipd-{Environment.ProcessId}";
    private readonly List<string> namespaces = [];

    /// <summary>Skips the test where this machine does not allow it.</summary>
    public IsolatedNetwork(int machines)
    {
        string? denied = Shell.Try($"ip netns add {prefix}-net");
        Assert.SkipUnless(denied is null, $"network namespaces cannot be made here ({denied})");
        try
        {
            namespaces.Add($"{prefix}-net");
            Shell.Run($"ip -n {prefix}-net link add bridge type bridge");
            Shell.Run($"ip -n {prefix}-net link set bridge up");
            for (int i = 1; i <= machines; i++)
                AddMachine(i);
        }
        catch (InvalidOperationException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What becomes a command on that machine.</summary>
    public string[] On(int machine) => ["ip", "netns", "exec", Name(machine)];

    /// <summary>Pulls its cable: packets get lost, and nobody is told.</summary>
    public void Cut(int machine) => Shell.Run($"ip -n {prefix}-net link set port{machine} down");

    /// <summary>Two machines reach each other no more, and all others still: each takes another one for the other.</summary>
    public void Part(int one, int other)
    {
        foreach (var (machine, peer) in new[] { (one, other), (other, one) })
            Shell.Run($"ip -n {Name(machine)} neigh replace 10.77.0.{peer} lladdr 02:00:00:00:00:01 dev eth0 nud permanent");
    }

    public void Dispose()
    {
        foreach (string name in namespaces)
            Shell.Try($"ip netns del {name}");
    }

    private string Name(int machine) => $"{prefix}-{machine}";

    private void AddMachine(int machine)
    {
        string name = Name(machine);
        Shell.Run($"ip netns add {name}");
        namespaces.Add(name);
        Shell.Run($"ip -n {prefix}-net link add port{machine} type veth peer name eth0 netns {name}");
        Shell.Run($"ip -n {prefix}-net link set port{machine} master bridge up");
        Shell.Run($"ip -n {name} addr add 10.77.0.{machine}/24 dev eth0");
        Shell.Run($"ip -n {name} link set eth0 up");
        Shell.Run($"ip -n {name} link set lo up");
    }
}
