using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.TestKit.Certificates;

namespace ClipDistributed.Coordinator.Tests.Certificates;

/// <summary>Certificates that are replaced, break and expire while a coordinator runs.</summary>
public sealed class CertificateReloadTests : IDisposable
{
    private readonly TestCertificates files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task Watch_FilesAreReplaced_ShowsTheNewOneAndKeepsOpenConnections()
    {
        await using var coordinator = await files.StartAsync();
        using var channel = files.Open(coordinator);
        await using var host = await ScriptedHost.ConnectAsync(channel, "a");
        string before = await ShownAsync(coordinator.Address);
        files.Write("server", files.Authority.Issue());

        await coordinator.Log.UntilAsync("CertificateReloaded");

        Assert.NotEqual(before, await ShownAsync(coordinator.Address));
        await host.HeartbeatAsync();
        Assert.Single((await TlsTests.HostsAsync(channel)).Hosts);
    }

    [Fact]
    public async Task Watch_NewFileIsBroken_KeepsTheOldOneUntilItIsMended()
    {
        await using var coordinator = await files.StartAsync();
        string before = await ShownAsync(coordinator.Address);
        files.Write("server", "-----BEGIN CERTIFICATE-----\nhalf");

        await coordinator.Log.UntilAsync("CertificateNotReloaded");

        Assert.Equal(before, await ShownAsync(coordinator.Address));
        files.Write("server", files.Authority.Issue());
        await coordinator.Log.UntilAsync("CertificateReloaded");
        Assert.NotEqual(before, await ShownAsync(coordinator.Address));
        Assert.Equal(1, coordinator.Log.CountOf("CertificateNotReloaded"));
    }

    /// <summary>As secrets are mounted into pods: the file is a link through a folder that is itself a link, and is replaced.</summary>
    [Fact]
    public async Task Watch_LinkedFolderIsReplaced_ReadsTheNewFile()
    {
        string mount = Path.Combine(files.Folder, "mount"), link = Path.Combine(mount, "tls.pem"), data = Path.Combine(mount, "..data");
        Put("1", File.ReadAllText(files.Path("server")));
        File.CreateSymbolicLink(data, "1");
        File.CreateSymbolicLink(link, Path.Combine("..data", "tls.pem"));
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Tls = new(link, link) });
        string before = await ShownAsync(coordinator.Address);
        Put("2", files.Authority.Issue());
        File.Delete(data);
        File.CreateSymbolicLink(data, "2");

        await coordinator.Log.UntilAsync("CertificateReloaded");

        Assert.NotEqual(before, await ShownAsync(coordinator.Address));

        void Put(string version, string pem)
        {
            string folder = Directory.CreateDirectory(Path.Combine(mount, version)).FullName;
            File.WriteAllText(Path.Combine(folder, "tls.pem"), pem);
        }
    }

    [Fact]
    public async Task Watch_ExpiresInAWeek_IsSaid()
    {
        files.Write("server", files.Authority.Issue(until: DateTimeOffset.UtcNow.AddDays(7)));
        await using var coordinator = await files.StartAsync();
        await coordinator.Log.UntilAsync("CertificateExpiresSoon");
        files.Write("server", files.Authority.Issue(until: DateTimeOffset.UtcNow.AddDays(60)));
        await coordinator.Log.UntilAsync("CertificateReloaded");
        Assert.Equal(1, coordinator.Log.CountOf("CertificateExpiresSoon"));
    }

    /// <summary>A client's bundle, read at each handshake: with both CAs it trusts a coordinator before and after the change.</summary>
    [Fact]
    public async Task Call_CaIsReplaced_FollowsTheFiles()
    {
        await using var coordinator = await files.StartAsync();
        using var next = new TestAuthority(); // of the same name
        string bundle = files.Write("bundle", $"{files.Authority.Pem}\n{next.Pem}\n");
        using (var before = files.Open(coordinator, new TlsFiles(bundle)))
            await TlsTests.HostsAsync(before);
        files.Write("server", next.Issue());
        await coordinator.Log.UntilAsync("CertificateReloaded");
        using (var after = files.Open(coordinator, new TlsFiles(bundle)))
            await TlsTests.HostsAsync(after);
        using (var old = files.Open(coordinator))
            await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => TlsTests.HostsAsync(old));
    }

    private static async Task<string> ShownAsync(string address)
    {
        using var client = new TcpClient("127.0.0.1", new Uri(address).Port);
        string shown = "";
        await using var tls = new SslStream(client.GetStream(), false, (_, certificate, _, _) =>
        {
            shown = ((X509Certificate2)certificate!).Thumbprint;
            return true;
        });
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http2],
        });
        return shown;
    }
}
