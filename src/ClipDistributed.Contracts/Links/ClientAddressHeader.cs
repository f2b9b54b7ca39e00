namespace ClipDistributed.Contracts.Links;

/// <summary>
/// The header by which pages in the coordinator's own process say for which address they call; it is believed there alone.
/// </summary>
public static class ClientAddressHeader
{
    public const string Name = "clipd-client-address";
}
