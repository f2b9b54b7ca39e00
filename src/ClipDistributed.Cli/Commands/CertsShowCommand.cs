using System.CommandLine;
using System.Globalization;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Tls;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd certs show</c></summary>
internal static class CertsShowCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("file")
        {
            Description = "Files of certificates in PEM.", Arity = ArgumentArity.OneOrMore,
        }.AsPaths();
        var command = new Command("show", "Shows for what certificates are, who signed them, and until when they are valid.") { files };
        command.SetAction(result =>
        {
            var table = new TextTable(
                Column.Path("file"), new Column("subject", Drop: 2), Column.Text("names"), new Column("issuer", Drop: 1), "until");
            foreach (string file in result.GetRequiredValue(files))
            {
                foreach (var certificate in CertificateFile.ReadAuthorities(file, "file"))
                    table.Add(
                        file,
                        certificate.Subject,
                        CertificateNames.Of(certificate),
                        certificate.Issuer == certificate.Subject ? "itself" : certificate.Issuer,
                        certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            }
            table.Write();
        });
        return command;
    }
}
