using System.CommandLine;
using System.Globalization;
using ClipDistributed.Cli.Certificates;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Tls;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd certs renew</c></summary>
internal static class CertsRenewCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("dir") { Description = "The folder that clipd certs init made, with ca.key." }.AsPath();
        var days = CertsInitCommand.Days();
        var command = new Command("renew", "Replaces the coordinator's and the hosts' certificates by new ones of the same CA and names; a "
            + "running coordinator reads its files again.") { folder, days };
        command.SetAction(result => Renew(result.GetRequiredValue(folder), result.GetValue(days)));
        return command;
    }

    private static int Renew(string root, int days)
    {
        CertsInitCommand.CheckDays(days);
        var files = new CertificateFolder(root);
        var (ca, server, client) = (CertificateFolder.Authority, CertificateFolder.Server, CertificateFolder.Client);
        var (authority, _) = CertificateFile.ReadWithKey(new(files.CertificateOf(ca), "dir"), new(files.KeyOf(ca), "dir"));
        if (authority.GetKeyAlgorithm() != CertificateIssuer.KeyAlgorithm)
            throw new BadInputException(
                $"dir: {files.CertificateOf(ca)} is no CA of clipd certs init; renew its certificates as they were made.");
        var names = CertificateNames.All(CertificateFile.ReadAuthorities(files.CertificateOf(server), "dir")[0]);
        using var issuer = CertificateIssuer.Of(authority, DateTimeOffset.UtcNow);
        files.Replace((server, issuer.Server(names, days)), (client, issuer.Client(days)));
        string until = DateTime.UtcNow.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Console.WriteLine(
            $"{files.CertificateOf(server)}, for {string.Join(", ", names)}, and {files.CertificateOf(client)}: until {until}");
        return 0;
    }
}
