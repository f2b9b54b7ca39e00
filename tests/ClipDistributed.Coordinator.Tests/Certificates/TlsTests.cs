using System.Net;
using System.Net.Http.Headers;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.TestKit.Certificates;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Certificates;

/// <summary>A coordinator with TLS, and what its clients say of what is wrong.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task Call_CaIsTrusted_IsAnswered()
    {
        await using var coordinator = await files.StartAsync();
        Assert.StartsWith("https://127.0.0.1:", coordinator.Address, StringComparison.Ordinal);
        using var channel = files.Open(coordinator);
        await using var host = await ScriptedHost.ConnectAsync(channel, "a");
        Assert.Equal("a", Assert.Single((await HostsAsync(channel)).Hosts).Name);
    }

    public static TheoryData<string, Func<TestAuthority, string>, string> Faults => new()
    {
        { "unknown CA", _ => new TestAuthority("another").Issue(), "is signed by a CA that is not trusted here (CN=another)" },
        { "same name, another CA", _ => new TestAuthority().Issue(), "is signed by a CA that is not trusted here (CN=test CA)" },
        { "wrong name", ca => ca.Issue(names: ["a.example.org", "10.1.2.3"]), "not one for 127.0.0.1 but for a.example.org, 10.1.2.3" },
        { "expired", ca => ca.Issue(until: DateTimeOffset.UtcNow.AddHours(-1)), "expired on " },
        { "from the future", ca => ca.Issue(from: DateTimeOffset.UtcNow.AddHours(1)), "is a clock wrong" },
        { "of a client", ca => ca.Issue(TestAuthority.ClientUse), "is not made for this use" },
    };

    [Theory, MemberData(nameof(Faults))]
    public async Task Call_CertificateIsNotTrusted_FailsAndSaysWhy(string what, Func<TestAuthority, string> issue, string part)
    {
        files.Write("server", issue(files.Authority));
        await using var app = CoordinatorHost.Build(
            new CoordinatorOptions { Listen = "127.0.0.1:0", StateDirectory = files.Folder, Tls = files.Settings },
            new RecordedLog().AddTo); // an expired one is an error there too
        await CoordinatorHost.StartAsync(app);
        using var channel = TestCertificates.Open(CoordinatorHost.Address(app), files.Trust);
        var failed = await Assert.ThrowsAsync<RpcException>(() => HostsAsync(channel));
        Assert.Equal((what, true), (what, CallErrors.IsTlsFault(failed)));
        Assert.Contains(part, CallErrors.Reason(failed), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', CallErrors.Reason(failed));
        await app.StopAsync();
    }

    /// <summary>Another name would lead here only by DNS rebinding, and its page would show another certificate.</summary>
    [Theory]
    [InlineData("clipd.example.org", HttpStatusCode.OK)]
    [InlineData("evil.example", HttpStatusCode.Forbidden)]
    public async Task Get_NameOfTheCertificate_IsServed(string host, HttpStatusCode expected)
    {
        files.Write("server", files.Authority.Issue(names: ["localhost", "clipd.example.org"]));
        await using var coordinator = await files.StartAsync(options => options with { Http = "127.0.0.1:0" });
        var authorities = CertificateFile.ReadAuthorities(files.Path("ca"), "ca");
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) =>
                new CertificateCheck(authorities, CertificateCheck.Server).Fault(shown!, [], DateTime.UtcNow) is null,
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{coordinator.HttpAddress}/v1/runs");
        request.Headers.Host = host;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", coordinator.Token);
        using var response = await client.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Call_WithoutCa_TrustsWhatTheMachineDoes()
    {
        await using var coordinator = await files.StartAsync();
        using var channel = files.Open(coordinator, new TlsFiles());
        var failed = await Assert.ThrowsAsync<RpcException>(() => HostsAsync(channel));
        Assert.EndsWith("; name its CA with --ca FILE", CallErrors.Reason(failed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_CaFileIsBroken_SaysSo()
    {
        await using var coordinator = await files.StartAsync();
        using var channel = files.Open(coordinator, new TlsFiles(files.Write("empty", "nothing")));
        var failed = await Assert.ThrowsAsync<RpcException>(() => HostsAsync(channel));
        Assert.Contains("holds no certificate in PEM", CallErrors.Reason(failed), StringComparison.Ordinal);
        Assert.True(CallErrors.IsTlsFault(failed));
    }

    [Fact]
    public async Task Call_PlainHttpToTls_IsKnownAsThat()
    {
        await using var coordinator = await files.StartAsync();
        string plain = coordinator.Address.Replace("https:", "http:", StringComparison.Ordinal);
        using var channel = TestCertificates.Open(plain, files.Trust);
        var failed = await Assert.ThrowsAsync<RpcException>(() => HostsAsync(channel));
        Assert.True(await CallErrors.NeedsHttpsAsync(plain, failed, CancellationToken.None));
        Assert.Equal($"{plain} speaks TLS; use {coordinator.Address}", CallErrors.NeedsHttps(plain));
        Assert.Empty(coordinator.Log.Warnings); // no peer fills the log that way
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // HTTP/1.1
    public async Task Call_TlsToPlainHttp_IsKnownAsThat(bool isJson)
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        string plain = isJson ? coordinator.HttpAddress : coordinator.Address;
        using var channel = TestCertificates.Open(plain.Replace("http:", "https:", StringComparison.Ordinal), files.Trust);
        var failed = await Assert.ThrowsAsync<RpcException>(() => HostsAsync(channel));
        Assert.True(CallErrors.IsTlsFault(failed));
        Assert.Contains("use http:// where it does not speak TLS", CallErrors.Reason(failed), StringComparison.Ordinal);
        Assert.False(await CallErrors.NeedsHttpsAsync(plain, failed, CancellationToken.None));
    }

    [Fact]
    public async Task Start_OtherMachinesMayReachIt_NeedsNoInsecureWithTls()
    {
        await using var coordinator = await files.StartAsync(options =>
            options with { Listen = "0.0.0.0:0", Http = "0.0.0.0:0", MetricsListen = "0.0.0.0:0" });
        Assert.All(
            new[] { coordinator.Address, coordinator.HttpAddress, coordinator.MetricsAddress },
            address => Assert.StartsWith("https://", address, StringComparison.Ordinal));
        Assert.Equal(0, coordinator.Log.CountOf("Insecure"));
    }

    [Fact]
    public async Task Start_InsecureAddress_IsLogged()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Listen = "0.0.0.0:0", Insecure = true });
        Assert.Equal(1, coordinator.Log.CountOf("Insecure"));
    }

    public static TheoryData<Func<CoordinatorOptions, CoordinatorOptions>, string> Refused => new()
    {
        { options => options with { Tls = options.Tls! with { Certificate = "/nowhere.pem" } }, "--cert: /nowhere.pem" },
        { options => options with { Tls = options.Tls! with { Key = "/nowhere.key" } }, "--key: /nowhere.key" },
        { options => options with { Tls = options.Tls! with { ClientCa = "/nowhere.pem" } }, "--client-ca: /nowhere.pem" },
        { options => options with { Insecure = true }, "--insecure and --cert exclude each other" },
        { options => options with { BehindProxy = ["10.0.0.0/33"] }, "--behind-proxy is '10.0.0.0/33'" },
        { options => options with { MetricsListen = "0.0.0.0:7072", Tls = null }, "--metrics-listen is 0.0.0.0:7072, " },
    };

    [Theory, MemberData(nameof(Refused))]
    public void Check_OptionCannotBeUsed_IsOneLine(Func<CoordinatorOptions, CoordinatorOptions> change, string start)
    {
        var refused = Assert.Throws<BadInputException>(() => change(new CoordinatorOptions { Tls = files.Settings }).Check());
        Assert.StartsWith(start, Assert.Single(refused.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_KeyOfAnotherCertificate_IsRefused()
    {
        string other = files.Write("other", files.Authority.Issue());
        var refused = Assert.Throws<BadInputException>(() => new CoordinatorOptions { Tls = files.Settings with { Key = other } }.Check());
        Assert.Contains("is not the private key of the first certificate", refused.Message, StringComparison.Ordinal);
    }

    internal static async Task<ListHostsResponse> HostsAsync(Grpc.Net.Client.GrpcChannel channel) =>
        await new ControlService.ControlServiceClient(channel).ListHostsAsync(
            new ListHostsRequest(), deadline: DateTime.UtcNow + TestCoordinator.Patience);
}
