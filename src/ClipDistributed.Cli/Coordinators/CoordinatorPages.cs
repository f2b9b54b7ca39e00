using ClipDistributed.Contracts.Files;
using ClipDistributed.Coordinator;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Dashboard;
using ClipDistributed.Dashboard.Sessions;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>The dashboard beside the JSON of a coordinator. No other command names it, so that none loads it.</summary>
internal static class CoordinatorPages
{
    /// <param name="announce">
    /// Is given the addresses when this coordinator leads: only then are the pages served. Makes the link that signs in who opens it
    /// first.
    /// </param>
    public static CoordinatorOptions AddTo(CoordinatorOptions options, out Action<ListeningAddresses> announce)
    {
        string tokenFile = StateFolder.TokenIn(options.StateDirectory);
        var dashboard = new DashboardOptions { LinkToken = () => SecretFile.TryRead(tokenFile) };
        if (PortOf(options.Http) is { } port)
            dashboard = dashboard with { CookieSuffix = port };
        var link = new SignInLink(TimeProvider.System, dashboard.LinkLifetime);
        announce = at =>
        {
            if (at.Http is not null)
                Announce(at.Http, link.Renew(at.Http), options.StateDirectory);
        };
        return options with { Pages = new WebPages(services => services.AddDashboard(dashboard, link), DashboardPages.Map) };
    }

    /// <summary>Stays over restarts, so that cookies of former ones are replaced. Null: any free one.</summary>
    private static string? PortOf(string? address)
    {
        string port = address?[(address.LastIndexOf(':') + 1)..] ?? "";
        return port.All(char.IsAsciiDigit) && port.Trim('0') != "" ? port : null;
    }

    /// <summary>A terminal shows the link; where the output may be kept, as a service's is, a file for its owner alone holds it.</summary>
    private static void Announce(string address, string link, string folder)
    {
        if (!Console.IsOutputRedirected)
        {
            Console.WriteLine($"dashboard: {link}");
            return;
        }
        Console.WriteLine($"dashboard: {address}");
        string file = StateFolder.SignInLinkIn(folder);
        try
        {
            Directory.CreateDirectory(folder);
            SecretFile.Write(file, link);
            Console.WriteLine($"sign-in link: in {file}");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Console.WriteLine($"sign-in link: none, as {file} cannot be written ({failed.Message}); sign in with a token");
        }
    }
}
