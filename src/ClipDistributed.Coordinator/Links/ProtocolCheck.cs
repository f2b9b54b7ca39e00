using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Coordinator.Links;

/// <summary>Refuses peers of another protocol version.</summary>
internal static class ProtocolCheck
{
    /// <summary>The version of this clipd, human-readable.</summary>
    public static string OwnVersion { get; } = typeof(ProtocolCheck).Assembly.GetName().Version!.ToString(3);

    /// <param name="peer">For example <c>host a</c>.</param>
    /// <param name="version">Its version of clipd; empty: not known.</param>
    /// <exception cref="RequestRefusedException">The peer speaks another version.</exception>
    public static void Run(string peer, uint protocol, string version)
    {
        if (protocol == Protocol.Version)
            return;
        string clipd = version == "" ? "" : $" (clipd {version})";
        throw RequestRefusedException.WrongState(
            $"{peer} speaks protocol {protocol}{clipd}, this coordinator {Protocol.Version} (clipd {OwnVersion}); install the same "
                + $"version on both"
        );
    }
}
