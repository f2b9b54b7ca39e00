using System.Security.Cryptography;

namespace ClipDistributed.Dashboard.Sessions;

/// <summary>Settings of the dashboard.</summary>
public sealed record DashboardOptions
{
    /// <summary>How long the link that is printed at start can be used.</summary>
    public TimeSpan LinkLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a browser stays signed in.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>
    /// Part of the names of its cookies, which browsers keep for a machine and not for a port: other coordinators of this one have others.
    /// </summary>
    public string CookieSuffix { get; init; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    /// <summary>The token with which the one who opens the link signs in; null: there is none now, and the link leads nowhere.</summary>
    public Func<string?> LinkToken { get; init; } = () => null;
}
