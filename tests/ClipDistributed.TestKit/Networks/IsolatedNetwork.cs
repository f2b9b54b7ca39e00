namespace ClipDistributed.TestKit.Networks;

/// <summary>
/// Machines in a network of their own: a network namespace each, joined by a bridge in another one, so that nothing of
/// this machine's network is touched. Machine i has the address 10.77.0.i, from 1.
/// </summary>
public sealed class IsolatedNetwork : IDisposable
{
    private readonly string prefix = $"clipd-{Environment.ProcessId}";
    private readonly List<string> namespaces = [];

    /// <exception cref="InvalidOperationException">This machine does not allow it.</exception>
    public IsolatedNetwork(int machines)
    {
        try
        {
            Shell.Run($"ip netns add {prefix}-net");
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

    /// <summary>Why this machine does not allow it; null: it does.</summary>
    public static string? Denied()
    {
        string name = $"clipd-{Environment.ProcessId}-trial";
        if (Shell.Try($"ip netns add {name}") is { } denied)
            return $"network namespaces cannot be made here ({denied})";
        Shell.Run($"ip netns del {name}");
        return null;
    }

    /// <summary>What becomes a command on that machine.</summary>
    public string[] On(int machine) => ["ip", "netns", "exec", Name(machine)];

    /// <summary>Pulls its cable: packets get lost without an error on either side.</summary>
    public void Cut(int machine) => Shell.Run($"ip -n {prefix}-net link set port{machine} down");

    /// <summary>Two machines reach each other no more, and all others still: each takes another one for the other.</summary>
    public void Part(int one, int other)
    {
        foreach (var (machine, peer) in new[] { (one, other), (other, one) })
            Shell.Run($"ip -n {Name(machine)} neigh replace {Address(peer)} lladdr 02:00:00:00:00:01 dev eth0 nud permanent");
    }

    /// <summary>They do again.</summary>
    public void Join(int one, int other)
    {
        foreach (var (machine, peer) in new[] { (one, other), (other, one) })
            Shell.Run($"ip -n {Name(machine)} neigh del {Address(peer)} dev eth0");
    }

    /// <summary>Puts its cable back.</summary>
    public void Restore(int machine) => Shell.Run($"ip -n {prefix}-net link set port{machine} up");

    /// <summary>A part of all packets to and from it gets lost, at random.</summary>
    public void Lose(int machine, int percent)
    {
        Filter(machine, "input", $"numgen random mod 100 < {percent} drop");
        Filter(machine, "output", $"numgen random mod 100 < {percent} drop");
    }

    /// <summary>No packet to or from it gets lost any more.</summary>
    public void Pass(int machine) => Shell.Run($"{Nft(machine)} delete table ip loss");

    public static string Address(int machine) => $"10.77.0.{machine}";

    public void Dispose()
    {
        foreach (string name in namespaces)
            Shell.Try($"ip netns del {name}");
    }

    private string Name(int machine) => $"{prefix}-{machine}";

    private void Filter(int machine, string direction, string rule)
    {
        Shell.Run($"{Nft(machine)} add table ip loss");
        Shell.Run($"{Nft(machine)} add chain ip loss {direction} {{ type filter hook {direction} priority 0 ; }}");
        Shell.Run($"{Nft(machine)} add rule ip loss {direction} {rule}");
    }

    private string Nft(int machine) => $"ip netns exec {Name(machine)} nft";

    private void AddMachine(int machine)
    {
        string name = Name(machine);
        Shell.Run($"ip netns add {name}");
        namespaces.Add(name);
        Shell.Run($"ip -n {prefix}-net link add port{machine} type veth peer name eth0 netns {name}");
        Shell.Run($"ip -n {prefix}-net link set port{machine} master bridge up");
        Shell.Run($"ip -n {name} addr add {Address(machine)}/24 dev eth0");
        Shell.Run($"ip -n {name} link set eth0 up");
        Shell.Run($"ip -n {name} link set lo up");
    }
}
