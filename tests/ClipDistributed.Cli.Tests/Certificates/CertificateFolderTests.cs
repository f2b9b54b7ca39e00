using ClipDistributed.Cli.Certificates;

namespace ClipDistributed.Cli.Tests.Certificates;

public sealed class CertificateFolderTests
{
    private const int Times = 100;

    /// <summary>Another thread looks all the time, so that it would see most moments in which a key has another mode.</summary>
    [Fact]
    public async Task Replace_Keys_AreTheirOwnersAloneAtEveryMoment()
    {
        using var folder = new TemporaryFolder();
        var certificates = new CertificateFolder(folder.Path);
        certificates.Write(("server", new IssuedPem("a certificate", "a key")));
        using var over = new CancellationTokenSource();
        var looking = Task.Run(() => Modes(folder.Path, over.Token));
        for (int i = 0; i < Times; i++)
            certificates.Replace(("server", new IssuedPem("a certificate", $"key {i}")));
        await over.CancelAsync();
        Assert.Equal([UnixFileMode.UserRead | UnixFileMode.UserWrite], await looking);
        Assert.Equal($"key {Times - 1}\n", await File.ReadAllTextAsync(certificates.KeyOf("server")));
    }

    private static HashSet<UnixFileMode> Modes(string folder, CancellationToken over)
    {
        var modes = new HashSet<UnixFileMode>();
        while (!over.IsCancellationRequested)
        {
            foreach (string file in Directory.GetFiles(folder, "server.key*"))
            {
                try
                {
                    modes.Add(File.GetUnixFileMode(file));
                }
                catch (FileNotFoundException)
                {
                    // It has its own name by now.
                }
            }
        }
        return modes;
    }
}
