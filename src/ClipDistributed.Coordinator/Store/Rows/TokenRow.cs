using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>A row of the table tokens.</summary>
internal sealed class TokenRow
{
    public required string TokenId { get; set; }

    /// <summary>SHA-256 of its text, which suffices for random bytes.</summary>
    public required byte[] Hash { get; set; }

    public required Role Role { get; set; }

    public required string Owner { get; set; }

    /// <summary>The worker host that it speaks for; empty: none.</summary>
    public string Host { get; set; } = "";

    /// <summary>The run that it is limited to; empty: none.</summary>
    public string RunId { get; set; } = "";

    /// <summary>UTC.</summary>
    public required DateTime Created { get; set; }

    /// <summary>UTC; null: never.</summary>
    public DateTime? Expires { get; set; }

    /// <summary>UTC; null: it is not revoked.</summary>
    public DateTime? Revoked { get; set; }

    /// <summary>UTC, to a minute; null: never.</summary>
    public DateTime? LastUsed { get; set; }
}
