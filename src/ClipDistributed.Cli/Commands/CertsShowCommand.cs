using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Runs;
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
        var output = CommonOptions.Output();
        var command = new Command("show", "Shows for what certificates are, who signed them, and until when they are valid.")
        {
            files, output,
        };
        command.SetAction(result =>
        {
            string[] given = result.GetRequiredValue(files);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(new JsonArray([.. given.SelectMany(file => Read(file).Select(one => Describe(file, one)))]));
                return;
            }
            var table = new TextTable(
                Column.Path("file"), new Column("subject", Drop: 2), Column.Text("names"), new Column("issuer", Drop: 1), "until");
            foreach (string file in given)
            {
                foreach (var certificate in Read(file))
                    table.Add(
                        file,
                        certificate.Subject,
                        CertificateNames.Of(certificate),
                        IsItsOwnIssuer(certificate) ? "itself" : certificate.Issuer,
                        certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            }
            table.Write();
        });
        return command;
    }

    private static X509Certificate2Collection Read(string file) => CertificateFile.ReadAuthorities(file, "file");

    private static bool IsItsOwnIssuer(X509Certificate2 certificate) => certificate.Issuer == certificate.Subject;

    private static JsonObject Describe(string file, X509Certificate2 certificate) => new()
    {
        ["file"] = file,
        ["subject"] = certificate.Subject,
        ["names"] = JsonOutput.Of(CertificateNames.All(certificate)),
        ["issuer"] = certificate.Issuer,
        ["self_signed"] = IsItsOwnIssuer(certificate),
        ["valid_from"] = UtcTime.Iso(certificate.NotBefore),
        ["valid_until"] = UtcTime.Iso(certificate.NotAfter),
    };
}
