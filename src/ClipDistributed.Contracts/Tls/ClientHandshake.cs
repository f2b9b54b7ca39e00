using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ClipDistributed.Contracts.Tls;

/// <summary>The client's side of TLS with a coordinator.</summary>
public static class ClientHandshake
{
    public static SslClientAuthenticationOptions Options(TlsFiles files)
    {
        var options = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                Check(files, ((SslStream)sender).TargetHostName, (X509Certificate2?)certificate, chain, errors),
        };
        if (files.Certificate is not null)
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => ReadOwn(files);
        return options;
    }

    /// <exception cref="CertificateRefusedException">It is not trusted.</exception>
    private static bool Check(TlsFiles files, string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            throw new CertificateRefusedException("it shows no certificate");
        var authorities = files.Ca is { } path ? CertificateFile.ReadAuthorities(path, TlsFiles.CaOption) : null;
        var check = new CertificateCheck(authorities, CertificateCheck.Server);
        string trusted = files.Ca is null ? $"name its CA with {TlsFiles.CaOption} FILE" : $"{TlsFiles.CaOption} is {files.Ca}";
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
