using System.Security.Cryptography.X509Certificates;

namespace ClipDistributed.Contracts.Tls;

/// <summary>The names and addresses that a certificate is for.</summary>
public static class CertificateNames
{
    /// <summary>As in <c>a.example.org, 10.0.0.1</c>.</summary>
    public static string Of(X509Certificate2 certificate) => All(certificate) is { Count: > 0 } all ? string.Join(", ", all) : "no name";

    public static IReadOnlyList<string> All(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
            ? [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(ip => $"{ip}")]
            : [];
}
