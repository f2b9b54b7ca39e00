namespace ClipDistributed.Dashboard.Sessions;

/// <summary>Settings of the dashboard.</summary>
public sealed record DashboardOptions
{
    /// <summary>How long the link that is printed at start can be used.</summary>
    public TimeSpan LinkLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a browser stays signed in.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>The token with which the one who opens the link signs in; null: there is none now, and the link leads nowhere.</summary>
    public Func<string?> LinkToken { get; init; } = () => null;
}
