using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ClipDistributed.Contracts.Tls;

/// <summary>The client's side of TLS with a coordinator, or with another server whose CA the user names.</summary>
public static class ClientHandshake
{
    /// <param name="caOption">What the user calls the file of CAs.</param>
    public static SslClientAuthenticationOptions Options(TlsFiles files, string caOption = TlsFiles.CaOption)
    {
        var options = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                Check(new NamedFile(files.Ca ?? "", caOption), ((SslStream)sender).TargetHostName, (X509Certificate2?)certificate, chain,
                    errors),
        };
        if (files.Certificate is not null)
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => ReadOwn(files);
        return options;
    }

    /// <exception cref="CertificateRefusedException">It is not trusted.</exception>
    /// <param name="ca">Without a path: those that this machine trusts.</param>
    private static bool Check(NamedFile ca, string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            throw new CertificateRefusedException("it shows no certificate");
        var authorities = ca.Path != "" ? CertificateFile.ReadAuthorities(ca.Path, ca.Option) : null;
        var check = new CertificateCheck(authorities, CertificateCheck.Server);
        string trusted = ca.Path == "" ? $"name its CA with {ca.Option} FILE" : $"{ca.Option} is {ca.Path}";
        if (check.Fault(certificate, chain?.ChainPolicy.ExtraStore ?? [], DateTime.UtcNow) is { } fault)
            throw new CertificateRefusedException($"its certificate {fault}; {trusted}");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            throw new CertificateRefusedException(
                $"its certificate is not one for {host} but for {CertificateNames.Of(certificate)}; use one of these names");
        return true;
    }

    private static X509Certificate2 ReadOwn(TlsFiles files) => CertificateFile.ReadWithKey(
        new NamedFile(files.Certificate!, TlsFiles.CertificateOption),
        new NamedFile(files.Key ?? files.Certificate!, TlsFiles.KeyOption)).Certificate;
}
