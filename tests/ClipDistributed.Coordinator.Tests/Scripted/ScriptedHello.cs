using ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>What a scripted replica says of itself.</summary>
/// <param name="Applied">The step that it holds; -1: none.</param>
internal sealed record ScriptedHello(long Applied)
{
    public uint Protocol { get; init; } = Contracts.Processes.Protocol.Version;

    public long Connection { get; init; } = 1;

    public long Generation { get; init; }

    public long Term { get; init; }

    /// <summary>That it has received and not carried out.</summary>
    public IReadOnlyList<CommandKind> Commands { get; init; } = [];
}
