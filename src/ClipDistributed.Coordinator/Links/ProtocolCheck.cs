using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Coordinator.Links;

/// <summary>Processes of different protocol versions would misread each other.</summary>
internal static class ProtocolCheck
{
    /// <summary>The version of clipd that this is, for people.</summary>
    public static string OwnVersion { get; } = typeof(ProtocolCheck).Assembly.GetName().Version!.ToString(3);

    /// <param name="who">For example <c>host a</c>.</param>
    /// <param name="version">Its version of clipd; empty: not told.</param>
    /// <exception cref="RequestRefusedException">The other side speaks another version.</exception>
    public static void Run(string who, uint protocol, string version)
    {
        if (protocol == Protocol.Version)
            return;
        string clipd = version == "" ? "" : $" (clipd {version})";
        throw RequestRefusedException.WrongState(
            $"{who} speaks protocol {protocol}{clipd}, this coordinator {Protocol.Version} (clipd {OwnVersion}); install the same "
                + $"version on both"
        );
    }
}
