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

    /// <summary>As a mounted secret is: links to a folder that is replaced by one of the same size and times.</summary>
    [Fact]
    public async Task Watch_LinkLeadsElsewhere_ReadsThat()
    {
        string first = files.Path("server"), second = files.Write("second", files.Authority.Issue());
        File.SetLastWriteTimeUtc(second, File.GetLastWriteTimeUtc(first));
        string link = files.Path("link");
        File.CreateSymbolicLink(link, first);
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Tls = new(link, link) });
        string before = await ShownAsync(coordinator.Address);
        File.CreateSymbolicLink($"{link}.new", second);
        File.Move($"{link}.new", link, overwrite: true);

        await coordinator.Log.UntilAsync("CertificateReloaded");

        Assert.NotEqual(before, await ShownAsync(coordinator.Address));
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
