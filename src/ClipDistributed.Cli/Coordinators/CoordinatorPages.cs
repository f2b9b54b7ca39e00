using ClipDistributed.Contracts.Files;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Dashboard;
using ClipDistributed.Dashboard.Sessions;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>The dashboard beside the JSON of a coordinator. No other command names it, so that none loads it.</summary>
internal static class CoordinatorPages
{
    /// <param name="link">Of the address that the pages are served under: the one that signs in whoever opens it first.</param>
    public static CoordinatorOptions AddTo(CoordinatorOptions options, out Func<string, string> link)
    {
        string tokenFile = StateFolder.TokenIn(options.StateDirectory);
        var dashboard = new DashboardOptions { LinkToken = () => SecretFile.TryRead(tokenFile) };
        var once = new SignInLink(TimeProvider.System, dashboard.LinkLifetime);
        link = once.At;
        return options with { Pages = new WebPages(services => services.AddDashboard(dashboard, once), DashboardPages.Map) };
    }
}
