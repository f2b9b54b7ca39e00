namespace ClipDistributed.Collectives.Gloo;

/// <summary>One member's place in a group, and how it is reached.</summary>
public sealed record GlooOptions
{
    /// <summary>0..World−1.</summary>
    public required int Rank { get; init; }

    public required int World { get; init; }

    /// <summary>What messages call the group, for example "generation 3".</summary>
    public required string Name { get; init; }

    /// <summary>An IP address of this machine, or one of its network interfaces by name. Gloo speaks plaintext: a private
    /// network.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>How long an operation waits for its peers, slow ones included. Hung peers are ended by an abort long before.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How many operations are carried out at the same time, the same on all members.</summary>
    public int Threads { get; init; } = 2;
}
