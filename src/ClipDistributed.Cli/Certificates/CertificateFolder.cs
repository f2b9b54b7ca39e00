using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Cli.Certificates;

/// <summary>The files of <c>clipd certs init</c>. Its owner alone reads keys; nothing that is there is written over.</summary>
internal sealed class CertificateFolder(string root)
{
    private const UnixFileMode Readable = GuardedFile.OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public const string Authority = "ca", Server = "server", Client = "client";

    public string CertificateOf(string name) => Path.Combine(root, $"{name}.pem");

    public string KeyOf(string name) => Path.Combine(root, $"{name}.key");

    /// <exception cref="BadInputException">One of the files exists, or the folder cannot be written.</exception>
    public void Write(params (string Name, IssuedPem Pem)[] issued)
    {
        OutputPath.CheckFolder(root, "dir", empty: false);
        string[] existing = [.. issued.SelectMany(one => new[] { CertificateOf(one.Name), KeyOf(one.Name) }).Where(Path.Exists)];
        if (existing.Length > 0)
            throw new BadInputException(
                $"{string.Join(", ", existing)} {(existing.Length == 1 ? "exists" : "exist")} and would be lost; name another folder.");
        Directory.CreateDirectory(root, GuardedFile.OwnerOnlyFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        foreach (var (name, pem) in issued)
        {
            Write(KeyOf(name), pem.Key);
            Write(CertificateOf(name), pem.Certificate);
            File.SetUnixFileMode(CertificateOf(name), Readable);
        }
    }

    /// <summary>In the place of those that are there, each at once.</summary>
    public void Replace(params (string Name, IssuedPem Pem)[] issued)
    {
        foreach (var (name, pem) in issued)
        {
            SecretFile.Write(KeyOf(name), pem.Key); // no other user can read it, not even for a moment
            DurableFile.WriteAllText(CertificateOf(name), $"{pem.Certificate}\n");
            File.SetUnixFileMode(CertificateOf(name), Readable);
        }
    }

    private static void Write(string path, string pem)
    {
        using var file = GuardedFile.CreateNew(path);
        file.Write(Encoding.ASCII.GetBytes($"{pem}\n"));
    }
}
