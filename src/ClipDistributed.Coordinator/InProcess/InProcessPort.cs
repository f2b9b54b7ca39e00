namespace ClipDistributed.Coordinator.InProcess;

/// <summary>A feature of connections from this process.</summary>
internal sealed class InProcessPort
{
    /// <summary>The header by which a caller in this process says for which address it calls; it is believed there alone.</summary>
    public const string AddressHeader = "clipd-client-address";
}
