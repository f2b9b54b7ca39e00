using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Coordinator.Access;

/// <summary>Who makes a call.</summary>
/// <param name="TokenId">Empty: it has no token.</param>
/// <param name="Owner">The token's; empty: none is known.</param>
/// <param name="Address">The network address, without a port.</param>
internal sealed record Principal(string TokenId, string Owner, Role Role, string Address)
{
    /// <summary>Of role host: the worker host that it speaks for.</summary>
    public string Host { get; init; } = "";

    /// <summary>The run that it is limited to; empty: none.</summary>
    public string RunId { get; init; } = "";

    /// <summary>A caller that has shown no token.</summary>
    public static Principal Stranger(string address, string tokenId = "") => new(tokenId, "", Role.Unspecified, address);

    /// <summary>Whether a call that requires a role is open to this one.</summary>
    public bool May(Role required) => required switch
    {
        Role.Viewer or Role.Operator or Role.Admin => Role is Role.Viewer or Role.Operator or Role.Admin && Role >= required,
        Role.Host => Role is Role.Host or Role.Admin,
        _ => Role == Role.Admin, // of a call that says nothing, too
    };

    /// <summary>As in <c>ann (10.0.0.7)</c>.</summary>
    public override string ToString() => $"{Owner} ({Address})";
}
