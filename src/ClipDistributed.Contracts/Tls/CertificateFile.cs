using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Tls;

/// <summary>Reads certificates and keys in PEM. No error repeats a part of a key.</summary>
public static class CertificateFile
{
    private const int MaxBytes = 1 << 20;

    /// <summary>A bundle of CAs: while one is replaced by another, both.</summary>
    /// <exception cref="BadInputException">It cannot be read, or holds none.</exception>
    public static X509Certificate2Collection ReadAuthorities(string path, string option) => ReadAll(new NamedFile(path, option)).Found;

    /// <summary>The first certificate of a file with its key, and after it those between it and its CA.</summary>
    /// <exception cref="BadInputException">One of them cannot be read, or the key is that of another certificate.</exception>
    public static (X509Certificate2 Certificate, X509Certificate2Collection Between) ReadWithKey(NamedFile certificate, NamedFile key)
    {
        var (found, text) = ReadAll(certificate);
        string secret = key.Path == certificate.Path ? text : InputFile.ReadText(key.Path, key.Option, MaxBytes);
        if (secret.Contains("ENCRYPTED", StringComparison.Ordinal))
            throw new BadInputException(
                $"{key.Option}: {key.Path} is encrypted, and a server cannot ask for its password; decrypt it, and let its owner "
                    + "alone read it (chmod 600).");
        try
        {
            var own = X509Certificate2.CreateFromPem(text, secret);
            found.RemoveAt(0);
            return (own, found);
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new BadInputException(
                secret.Contains("PRIVATE KEY", StringComparison.Ordinal)
                    ? $"{key.Option}: {key.Path} is not the private key of the first certificate in {certificate.Path}; give files that "
                        + "belong together."
                    : $"{key.Option}: {key.Path} holds no private key in PEM; give the key of {certificate.Path}.");
        }
    }

    private static (X509Certificate2Collection Found, string Text) ReadAll(NamedFile file)
    {
        string text = InputFile.ReadText(file.Path, file.Option, MaxBytes);
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            throw new BadInputException($"{file.Option}: {file.Path} holds a damaged certificate; give a file in PEM.");
        }
        return found.Count > 0
            ? (found, text)
            : throw new BadInputException($"{file.Option}: {file.Path} holds no certificate in PEM (-----BEGIN CERTIFICATE-----).");
    }
}
