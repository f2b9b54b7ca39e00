using ClipDistributed.Contracts.Tls;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>Which coordinators a command asks, and how.</summary>
/// <param name="Addresses">As of <see cref="Contracts.Links.CoordinatorAddresses"/>.</param>
/// <param name="Tls">For https addresses.</param>
internal sealed record CoordinatorTarget(string Addresses, TlsFiles Tls)
{
    /// <summary>Null: the token of a coordinator on this machine.</summary>
    public string? TokenFile { get; init; }

    /// <summary>As it was given.</summary>
    public override string ToString() => Addresses;
}
