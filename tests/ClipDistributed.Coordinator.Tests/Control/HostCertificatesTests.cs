using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator.Tests.Certificates;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.TestKit.Certificates;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control;

/// <summary>Mutual TLS: hosts and replicas show a certificate of the coordinator's client CA.</summary>
public sealed class HostCertificatesTests : IDisposable
{
    private readonly TestCertificates files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task Connect_CertificateOfTheCa_IsTaken()
    {
        await using var coordinator = await StartAsync();
        using var channel = files.Open(coordinator, Client(files.Authority.Issue(TestAuthority.ClientUse)));
        await using var host = await ScriptedHost.ConnectAsync(channel, "a");
        Assert.Single((await TlsTests.HostsAsync(channel)).Hosts);
    }

    public static TheoryData<string, Func<TestAuthority, string?>, string> Faults => new()
    {
        { "none", _ => null, "a client certificate is needed" },
        { "another CA", _ => new TestAuthority().Issue(TestAuthority.ClientUse), "is signed by a CA that is not trusted here" },
        { "expired", ca => ca.Issue(TestAuthority.ClientUse, until: DateTimeOffset.UtcNow.AddHours(-1)), "expired on " },
        { "of a server", ca => ca.Issue(), "is not made for this use" },
    };

    [Theory, MemberData(nameof(Faults))]
    public async Task Connect_NoCertificateOfTheCa_IsUnauthenticatedAndSaysWhy(string what, Func<TestAuthority, string?> issue, string part)
    {
        await using var coordinator = await StartAsync();
        using var channel = files.Open(coordinator, issue(files.Authority) is { } pem ? Client(pem) : files.Trust);
        var refused = await Assert.ThrowsAsync<RpcException>(() => ScriptedHost.ConnectAsync(channel, "a"));
        Assert.Equal((what, StatusCode.Unauthenticated), (what, refused.StatusCode));
        Assert.Contains(part, refused.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await TlsTests.HostsAsync(channel)).Hosts); // people need none
        Assert.Equal(1, coordinator.Log.CountOf("HostCertificateRefused"));
    }

    [Fact]
    public async Task SetRendezvous_NoCertificate_IsUnauthenticated()
    {
        await using var coordinator = await StartAsync();
        using var channel = files.Open(coordinator);
        var replicas = new Contracts.Replica.V1.ReplicaService.ReplicaServiceClient(channel);
        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            replicas.SetRendezvousAsync(new Contracts.Replica.V1.SetRendezvousRequest()).ResponseAsync);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    private TlsFiles Client(string pem) => files.Trust with { Certificate = files.Write("client", pem) };

    private Task<TestCoordinator> StartAsync() =>
        files.StartAsync(options => options with { Tls = files.Settings with { ClientCa = files.Path("ca") } });
}
