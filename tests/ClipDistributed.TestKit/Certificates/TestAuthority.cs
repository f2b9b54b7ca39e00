using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClipDistributed.TestKit.Certificates;

/// <summary>A CA that signs what is asked of it, also what no good CA would.</summary>
public sealed class TestAuthority : IDisposable
{
    public const string ServerUse = "1.3.6.1.5.5.7.3.1", ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 own;

    public TestAuthority(string name = "test CA")
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        own = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-3), DateTimeOffset.UtcNow.AddYears(3));
    }

    public string Pem => own.ExportCertificatePem();

    /// <summary>A certificate and its key in one file.</summary>
    /// <param name="names">Host names and addresses; none: 127.0.0.1 and localhost.</param>
    public string Issue(string use = ServerUse, DateTimeOffset? from = null, DateTimeOffset? until = null, params string[] names)
    {
        using var leaf = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", leaf, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(own, true, false));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names.Length == 0 ? ["localhost", "127.0.0.1"] : names)
        {
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }
        request.CertificateExtensions.Add(alternatives.Build());
        var now = DateTimeOffset.UtcNow;
        using var issued = request.Create(
            own.SubjectName, X509SignatureGenerator.CreateForECDsa(key), from ?? now.AddDays(-1), until ?? now.AddDays(30),
            RandomNumberGenerator.GetBytes(8));
        return $"{issued.ExportCertificatePem()}\n{leaf.ExportPkcs8PrivateKeyPem()}\n";
    }

    public void Dispose()
    {
        own.Dispose();
        key.Dispose();
    }
}
