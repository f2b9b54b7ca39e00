using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClipDistributed.Contracts.Tls;

namespace ClipDistributed.Cli.Certificates;

/// <summary>A small CA for one cluster: it signs certificates of a coordinator and of its hosts. ECDSA on P-256 throughout.</summary>
internal sealed class CertificateIssuer : IDisposable
{
    /// <summary>Of the CA and of what it signs.</summary>
    public const string KeyAlgorithm = "1.2.840.10045.2.1"; // id-ecPublicKey

    private const int SerialBytes = 16;

    /// <summary>For machines whose clocks are behind this one's.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromHours(1);

    private readonly ECDsa key;
    private readonly X509Certificate2 authority;
    private readonly DateTimeOffset now;

    private CertificateIssuer(ECDsa key, X509Certificate2 authority, DateTimeOffset now) =>
        (this.key, this.authority, this.now) = (key, authority, now);

    /// <summary>Its certificate and key.</summary>
    public IssuedPem Pem => new(authority.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());

    /// <param name="name">By which people know it.</param>
    public static CertificateIssuer Create(string name, int days, DateTimeOffset now)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request($"CN={Escaped(name)}, O=ClipDistributed", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        return new CertificateIssuer(key, request.CreateSelfSigned(now - ClockDifference, now.AddDays(days)), now);
    }

    /// <param name="authority">With its private key.</param>
    public static CertificateIssuer Of(X509Certificate2 authority, DateTimeOffset now) =>
        new(authority.GetECDsaPrivateKey()!, authority, now);

    /// <param name="names">Host names and IP addresses.</param>
    public IssuedPem Server(IReadOnlyList<string> names, int days)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }
        return Issue("CN=clipd coordinator, O=ClipDistributed", CertificateCheck.Server, alternatives.Build(), days);
    }

    public IssuedPem Client(int days) => Issue("CN=clipd host, O=ClipDistributed", CertificateCheck.Client, names: null, days);

    public void Dispose()
    {
        key.Dispose();
        authority.Dispose();
    }

    private IssuedPem Issue(string subject, string use, X509Extension? names, int days)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(subject, own);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
                authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (names is not null)
            request.CertificateExtensions.Add(names);
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] &= 0x7f; // a positive number
        using var issued = request.Create(
            authority.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - ClockDifference, now.AddDays(days), serial);
        return new IssuedPem(issued.ExportCertificatePem(), own.ExportPkcs8PrivateKeyPem());
    }

    private static CertificateRequest Request(string subject, ECDsa key)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private static string Escaped(string name) => $"\"{name.Replace("\"", "", StringComparison.Ordinal)}\"";
}
