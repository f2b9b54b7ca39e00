using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Sessions;

/// <summary>A signed-in browser.</summary>
/// <param name="Id">Stands in its cookie.</param>
/// <param name="Token">With which its calls are made; never leaves the server.</param>
/// <param name="Address">Of the browser.</param>
internal sealed record Session(string Id, string Token, string Owner, Role Role, string Address, DateTimeOffset Expires)
{
    /// <summary>As in <c>viewer</c>.</summary>
    public string RoleName => Role.ToString().ToLowerInvariant();

    /// <summary>Whether it may steer runs.</summary>
    public bool MayOperate => Role is Role.Operator or Role.Admin;

    /// <summary>Without the token, so that no log has it.</summary>
    public override string ToString() => $"{Owner} ({RoleName})";
}
