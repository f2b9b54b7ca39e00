using System.Net;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Tls;

namespace ClipDistributed.Coordinator.Settings;

/// <summary>Whether a coordinator may listen as its options say: to other machines with TLS, or with --insecure.</summary>
internal static class ListenCheck
{
    public static void Run(CoordinatorOptions options, List<string> errors)
    {
        Address("--listen", options.Listen, "7071");
        if (options.Http is { } http)
            Address("--http", http, "7070");
        if (options.MetricsListen is { } metrics)
            Address("--metrics-listen", metrics, "7072");
        foreach (string range in options.BehindProxy.Where(range => !IPNetwork.TryParse(range, out _)))
            errors.Add($"--behind-proxy is '{range}'; use a range of addresses, such as 10.0.0.5/32.");
        if (options is { Tls: not null, Insecure: true })
            errors.Add("--insecure and --cert exclude each other; leave --insecure out.");
        if (options.Tls is { } tls)
            Files(tls);

        void Address(string option, string value, string port)
        {
            if (!ListenAddress.TryParse(value, out var endPoint))
                errors.Add($"{option} is '{value}'; use an address of this machine and a port, such as 127.0.0.1:{port}.");
            else if (!IPAddress.IsLoopback(endPoint.Address) && options is { Insecure: false, Tls: null })
                errors.Add(
                    $"{option} is {value}, which other machines can reach, and needs TLS: make a certificate with clipd certs init certs"
                        + $"{Name(endPoint.Address)} and add --cert certs/server.pem --key certs/server.key; or listen on 127.0.0.1, or "
                        + "add --insecure on a network where no other can listen.");
        }

        void Files(TlsSettings tls)
        {
            try
            {
                CertificateFile.ReadWithKey(
                    new NamedFile(tls.Certificate, TlsSettings.CertificateOption), new NamedFile(tls.Key, TlsSettings.KeyOption));
                if (tls.ClientCa is { } authorities)
                    CertificateFile.ReadAuthorities(authorities, TlsSettings.ClientCaOption);
            }
            catch (BadInputException wrong)
            {
                errors.AddRange(wrong.Errors);
            }
        }
    }

    /// <summary>Its own names are in a certificate anyway.</summary>
    private static string Name(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? "" : $" --name {address}";
}
