using System.Security.Cryptography.X509Certificates;

namespace ClipDistributed.Contracts.Tls;

/// <summary>The names and addresses that a certificate is for.</summary>
public static class CertificateNames
{
    /// <summary>As in <c>a.example.org, 10.0.0.1</c>.</summary>
    public static string Of(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] all = names is null ? [] : [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(ip => $"{ip}")];
        return all.Length == 0 ? "no name" : string.Join(", ", all);
    }
}
