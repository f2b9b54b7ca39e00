namespace ClipDistributed.Contracts.Links;

/// <summary>Addresses that people give, as messages show them.</summary>
public static class AddressText
{
    /// <summary>Without what stands before its last @, which may be a user and a password, also where it is no address at all.</summary>
    public static string WithoutUser(string address)
    {
        int host = address.LastIndexOf('@');
        return host < 0 ? address : "…" + address[host..];
    }
}
