using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Certificates;

/// <summary>
/// The certificate that new connections are shown, and the CAs by which those of hosts are judged, as the files had them last. Files that
/// cannot be used change neither. Thread-safe.
/// </summary>
internal sealed class ServerCertificate
{
    private readonly TlsSettings files;
    private volatile Content content;
    private FileStamp[] loaded; // what the content was read from, or could not be
    private FileStamp[]? changed; // seen once: a program that writes several files has perhaps not finished

    /// <exception cref="BadInputException">They cannot be used.</exception>
    public ServerCertificate(TlsSettings files)
    {
        this.files = files;
        loaded = Stamps();
        content = Read();
    }

    public X509Certificate2 Certificate => content.Context.TargetCertificate;

    /// <summary>Of hosts and replicas; null: they need no certificate.</summary>
    public CertificateCheck? Clients => content.Clients;

    /// <summary>Of a new connection.</summary>
    /// <param name="asks">The peer is asked for a certificate. <see cref="HostCertificates"/> judges it: every handshake passes.</param>
    public SslServerAuthenticationOptions Handshake(bool asks) => new()
    {
        ServerCertificateContext = content.Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = asks && content.Clients is not null,
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
        CertificateChainPolicy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true, // a client names no address to call
        },
    };

    /// <summary>Reads the files again where they have changed since and are complete. For one thread at a time.</summary>
    /// <returns>True: they were read; false: nothing has changed.</returns>
    /// <exception cref="BadInputException">They cannot be used; said once for each change.</exception>
    public bool Refresh()
    {
        var now = Stamps();
        if (now.SequenceEqual(loaded))
        {
            changed = null;
            return false;
        }
        if (changed is null || !now.SequenceEqual(changed))
        {
            changed = now;
            return false;
        }
        (loaded, changed) = (now, null);
        content = Read();
        return true;
    }

    private Content Read()
    {
        var (certificate, between) = CertificateFile.ReadWithKey(
            new NamedFile(files.Certificate, TlsSettings.CertificateOption), new NamedFile(files.Key, TlsSettings.KeyOption));
        var clients = files.ClientCa is { } path
            ? new CertificateCheck(CertificateFile.ReadAuthorities(path, TlsSettings.ClientCaOption), CertificateCheck.Client)
            : null;
        return new Content(SslStreamCertificateContext.Create(certificate, between, offline: true), clients);
    }

    private FileStamp[] Stamps() =>
        [.. new[] { files.Certificate, files.Key, files.ClientCa }.OfType<string>().Select(FileStamp.Of)];

    private sealed record Content(SslStreamCertificateContext Context, CertificateCheck? Clients);

    /// <summary>By which a change of a file is seen; links are followed.</summary>
    private readonly record struct FileStamp(string Target, DateTime Written, long Length)
    {
        public static FileStamp Of(string path)
        {
            var file = new FileInfo(path);
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return file.Exists ? new FileStamp(file.FullName, file.LastWriteTimeUtc, file.Length) : new FileStamp(path, default, -1);
        }
    }
}
