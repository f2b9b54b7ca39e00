using System.CommandLine;
using System.Net;
using ClipDistributed.Cli.Certificates;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd certs init</c></summary>
internal static class CertsInitCommand
{
    private const int AuthorityDays = 3650, MaxDays = 3650;

    public static Command Create()
    {
        var folder = new Argument<string>("dir") { Description = "The folder for them; it is made where it is missing." }.AsPath();
        var names = new Option<string[]>("--name")
        {
            Description = "A name or IP address under which the coordinator is reached, besides localhost and this machine's name; may be "
                + "repeated.",
            HelpName = "host",
        };
        var days = Days();
        var command = new Command("init", "Makes a CA, a certificate for a coordinator, and one for its hosts. Existing files stay as they "
            + "are, and the command ends.") { folder, names, days };
        command.SetAction(result => Init(
            result.GetRequiredValue(folder), result.GetValue(names) ?? [], result.GetValue(days)));
        return command;
    }

    public static Option<int> Days() => new("--days")
    {
        Description = "How long the coordinator's and the hosts' certificates are valid; the CA is for ten years.",
        DefaultValueFactory = _ => 365,
        HelpName = "count",
    };

    public static void CheckDays(int days)
    {
        if (days is < 1 or > MaxDays)
            throw new BadInputException($"--days is {days}; use 1 to {MaxDays}.");
    }

    private static int Init(string root, string[] given, int days)
    {
        CheckDays(days);
        string[] wrong = [.. given.Where(name => Uri.CheckHostName(name) == UriHostNameType.Unknown)];
        if (wrong.Length > 0)
            throw new BadInputException(
                [.. wrong.Select(name => $"--name is '{name}'; give a host name or an IP address without port, such as 10.0.0.1.")]);
        string[] names =
        [
            .. given.Concat(["localhost", Environment.MachineName, $"{IPAddress.Loopback}", $"{IPAddress.IPv6Loopback}"])
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        var files = new CertificateFolder(root);
        using var issuer = CertificateIssuer.Create($"clipd CA of {Environment.MachineName}", AuthorityDays, DateTimeOffset.UtcNow);
        files.Write(
            (CertificateFolder.Authority, issuer.Pem),
            (CertificateFolder.Server, issuer.Server(names, days)),
            (CertificateFolder.Client, issuer.Client(days)));
        var (ca, server, client) = (CertificateFolder.Authority, CertificateFolder.Server, CertificateFolder.Client);
        Console.WriteLine($"""
            {files.CertificateOf(ca)}: the CA, of which every machine gets a copy
            {files.KeyOf(ca)}: its key, by which anyone can make certificates; no process needs it, keep it elsewhere
            {files.CertificateOf(server)}, {files.KeyOf(server)}: of the coordinator, for {string.Join(", ", names)}
            {files.CertificateOf(client)}, {files.KeyOf(client)}: of hosts, where the coordinator asks for one (--client-ca)
            start: clipd coordinator --listen ADDRESS:7071 --cert {files.CertificateOf(server)} --key {files.KeyOf(server)}
            use: clipd host list --coordinator https://{names[0]}:7071 --ca {files.CertificateOf(ca)}
            """);
        return 0;
    }
}
