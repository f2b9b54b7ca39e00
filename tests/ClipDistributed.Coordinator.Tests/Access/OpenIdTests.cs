using System.Net;
using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;
using Microsoft.IdentityModel.Tokens;

namespace ClipDistributed.Coordinator.Tests.Access;

/// <summary>People who log in by a real provider of OpenID Connect.</summary>
public sealed class OpenIdTests(TestProvider provider) : IClassFixture<TestProvider>
{
    private static readonly string[] Forgeries =
    [
        "audience", "issuer", "expired", "early", "endless", "for a week", "unsigned", "hmac", "key", "changed", "crit", "name",
        "no name", "junk",
    ];

    [Fact]
    public async Task Call_TokensOfTheProvider_HaveTheRolesOfTheirClaims()
    {
        await using var coordinator = await StartAsync();
        string[][] groups = [["guests"], ["guests", "team-a"], ["CN=admins,DC=lab"], [], ["team-b", "operator=team-a", "admin"]];
        var found = new List<(StatusCode, StatusCode, StatusCode, HttpStatusCode)>();
        foreach (string[] own in groups)
        {
            string token = await provider.TokenAsync($"person {found.Count}", own);
            using var channel = coordinator.Open(token);
            using var http = coordinator.Http(token);
            var control = new ControlService.ControlServiceClient(channel);
            using var json = await http.GetAsync("/v1/runs");
            found.Add((
                await CodeAsync(control.ListRunsAsync(new ListRunsRequest())),
                await CodeAsync(control.StopRunAsync(new StopRunRequest { RunId = "demo-9" })),
                await CodeAsync(new AdminService.AdminServiceClient(channel).ListTokensAsync(new ListTokensRequest())),
                json.StatusCode));
        }
        const StatusCode denied = StatusCode.PermissionDenied, stranger = StatusCode.Unauthenticated;
        Assert.Equal(
            [
                (StatusCode.OK, denied, denied, HttpStatusCode.OK),
                (StatusCode.OK, StatusCode.NotFound, denied, HttpStatusCode.OK),
                (StatusCode.OK, StatusCode.NotFound, StatusCode.OK, HttpStatusCode.OK),
                (stranger, stranger, stranger, HttpStatusCode.Unauthorized),
                (stranger, stranger, stranger, HttpStatusCode.Unauthorized),
            ],
            found);
    }

    /// <summary>By which the dashboard knows who signs in.</summary>
    [Fact]
    public async Task ServerInfo_OfAPerson_NamesThem()
    {
        await using var coordinator = await StartAsync();
        using var channel = coordinator.Open(await provider.TokenAsync("ann", "team-a"));
        var caller = (await new AdminService.AdminServiceClient(channel).GetServerInfoAsync(new GetServerInfoRequest())).Caller;
        Assert.Equal(("openid:ann", Role.Operator, "ann"), (caller?.TokenId, caller?.Role, caller?.Owner));
    }

    /// <summary>A worker host and a replica are no people: no group makes a caller one.</summary>
    [Fact]
    public async Task Call_OperatorOfTheProvider_IsNoHost()
    {
        await using var coordinator = await StartAsync();
        using var channel = coordinator.Open(await provider.TokenAsync("ann", "team-a"));
        var refused = await Assert.ThrowsAsync<RpcException>(() => ScriptedHost.ConnectAsync(channel, "a"));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    [Fact]
    public async Task Change_ByAPerson_IsAuditedWithNameAndRole()
    {
        await using var coordinator = await StartAsync();
        using var channel = coordinator.Open(await provider.TokenAsync("ann", "team-a"));
        await new ControlService.ControlServiceClient(channel).SubmitJobAsync(new SubmitJobRequest { Spec = coordinator.Spec() });
        var entries = (await new AdminService.AdminServiceClient(coordinator.Channel)
            .ListAuditEntriesAsync(new ListAuditEntriesRequest { Owner = "ann" })).Entries;
        var entry = Assert.Single(entries);
        Assert.Equal(
            ("openid:ann", Role.Operator, "SubmitJob", "demo-1", "OK"),
            (entry.TokenId, entry.Role, entry.Verb, entry.Target, entry.Result));
    }

    [Fact]
    public async Task Call_TokensThatProveNothing_AreRefusedAndAudited()
    {
        await using var coordinator = await StartAsync(limits: new CoordinatorLimits { FailedLogIns = 100 });
        await UntilKnownAsync(coordinator, provider.Sign(_ => { })); // else all would be refused for another reason
        var wrong = new List<string>();
        foreach (string what in Forgeries)
        {
            if (await ListAsync(coordinator, Forge(what)) is var code && code != StatusCode.Unauthenticated)
                wrong.Add($"{what}: {code}");
        }
        Assert.Empty(wrong);
        var entries = await new AdminService.AdminServiceClient(coordinator.Channel).ListAuditEntriesAsync(new ListAuditEntriesRequest());
        Assert.Equal(Forgeries.Length, entries.Entries.Count);
        Assert.All(entries.Entries, entry => Assert.Equal(
            ("", "", "ListRuns", "UNAUTHENTICATED"), (entry.Owner, entry.TokenId, entry.Verb, entry.Result)));
    }

    [Fact]
    public async Task Call_TooManyForgeries_AreRefusedUnheard()
    {
        await using var coordinator = await StartAsync(
            limits: new CoordinatorLimits { FailedLogIns = 2, FailedLogInPeriod = TimeSpan.FromHours(1) });
        await UntilKnownAsync(coordinator, provider.Sign(_ => { }));
        string bad = Forge("key");
        var found = new List<StatusCode>();
        for (int i = 0; i < 3; i++)
            found.Add(await ListAsync(coordinator, bad));
        Assert.Equal([StatusCode.Unauthenticated, StatusCode.Unauthenticated, StatusCode.ResourceExhausted], found);
        Assert.Equal(StatusCode.OK, await ListAsync(coordinator, provider.Sign(_ => { })));
    }

    [Fact]
    public async Task Expire_TokenOfAWatcher_EndsItsCall()
    {
        await using var coordinator = await StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        using var channel = coordinator.Open(provider.Sign(token => token.Expires = DateTime.UtcNow.AddSeconds(3)));
        using var call = new ControlService.ControlServiceClient(channel).WatchRun(new WatchRunRequest { RunId = runId });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TestCoordinator.Patience))
            {
            }
        });
        Assert.Equal(StatusCode.Unauthenticated, ended.StatusCode);
    }

    /// <summary>The coordinator starts without its provider, says so, and knows its people once that is there. Own tokens work all the
    /// time.</summary>
    [Fact]
    public async Task Call_ProviderDoesNotAnswer_IsUnavailableUntilItDoes()
    {
        using var folder = new TemporaryFolder();
        OpenIdSettings settings;
        await using (var before = new TestProvider())
        {
            await before.InitializeAsync(); // for a port that is free
            settings = before.Settings with { Ca = folder.File("ca.pem") };
            File.Copy(before.Ca, settings.Ca);
        }
        await using var coordinator = await StartAsync(settings);
        await coordinator.Log.UntilAsync("OpenIdUnavailable");
        Assert.Equal(StatusCode.Unavailable, await ListAsync(coordinator, "a.b.c"));
        Assert.Equal(StatusCode.OK, await ListAsync(coordinator, coordinator.Token));

        await using var again = new TestProvider(new Uri(settings.Issuer).Port);
        await again.InitializeAsync();
        File.Copy(again.Ca, settings.Ca, overwrite: true);
        await UntilKnownAsync(coordinator, again.Sign(_ => { }));
    }

    /// <summary>Such as one behind a proxy that gives its inner address.</summary>
    [Fact]
    public async Task Call_ProviderNamesAnotherIssuer_KnowsNoKeys()
    {
        var settings = provider.Settings with { Issuer = provider.Issuer.TrimEnd('/') };
        await using var coordinator = await StartAsync(settings);
        await coordinator.Log.UntilAsync("OpenIdUnavailable", ("Issuer", settings.Issuer));
        Assert.Equal(StatusCode.Unavailable, await ListAsync(coordinator, provider.Sign(token => token.Issuer = settings.Issuer)));
    }

    [Fact]
    public async Task Call_ProviderWithACertificateOfAnotherCa_KnowsNoKeys()
    {
        await using var other = new TestProvider();
        await other.InitializeAsync();
        await using var coordinator = await StartAsync(provider.Settings with { Ca = other.Ca });
        await coordinator.Log.UntilAsync("OpenIdUnavailable");
        Assert.Equal(StatusCode.Unavailable, await ListAsync(coordinator, provider.Sign(_ => { })));
        Assert.Contains(coordinator.Log.Warnings, line => line.Contains("--openid-ca", StringComparison.Ordinal));
    }

    private string Forge(string what)
    {
        using var other = RSA.Create(2048);
        return what switch
        {
            "audience" => provider.Sign(token => token.Audience = "another-client"),
            "issuer" => provider.Sign(token => token.Issuer = "https://login.example.org/"),
            "expired" => provider.Sign(token => token.Expires = DateTime.UtcNow.AddSeconds(-5)),
            "early" => provider.Sign(token => token.NotBefore = DateTime.UtcNow.AddMinutes(10)),
            "endless" => provider.Sign(token => token.Expires = null),
            "for a week" => provider.Sign(token => token.Expires = DateTime.UtcNow.AddDays(7)),
            "unsigned" => provider.Sign(token => token.SigningCredentials = null),
            // The published half of the key as the secret of a symmetric algorithm.
            "hmac" => provider.Sign(token => token.SigningCredentials = new SigningCredentials(
                new SymmetricSecurityKey(provider.SigningKey.Rsa.ExportSubjectPublicKeyInfo()) { KeyId = "first" },
                SecurityAlgorithms.HmacSha256)),
            "key" => provider.Sign(token => token.SigningCredentials = new SigningCredentials(
                new RsaSecurityKey(other.ExportParameters(true)) { KeyId = "first" }, SecurityAlgorithms.RsaSha256)),
            "changed" => Changed(provider.Sign(token => token.Claims["groups"] = "guests")),
            "crit" => provider.Sign(token =>
                token.AdditionalHeaderClaims = new Dictionary<string, object> { ["crit"] = new[] { "once" }, ["once"] = true }),
            "name" => provider.Sign(token => token.Claims["sub"] = "ann\u202Egpj"),
            "no name" => provider.Sign(token => token.Claims.Remove("sub")),
            _ => "a.b.c",
        };
    }

    /// <summary>Another payload under the same signature.</summary>
    private static string Changed(string token)
    {
        string[] parts = token.Split('.');
        string payload = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(parts[1]));
        return $"{parts[0]}.{Base64UrlEncoder.Encode(payload.Replace("guests", "team-a", StringComparison.Ordinal))}.{parts[2]}";
    }

    private Task<TestCoordinator> StartAsync(OpenIdSettings? settings = null, CoordinatorLimits? limits = null) =>
        TestCoordinator.StartAsync(options => options with
        {
            Http = "127.0.0.1:0", OpenId = settings ?? provider.Settings, Limits = limits ?? options.Limits,
        });

    private static async Task<StatusCode> ListAsync(TestCoordinator coordinator, string token)
    {
        using var channel = coordinator.Open(token);
        return await CodeAsync(new ControlService.ControlServiceClient(channel).ListRunsAsync(new ListRunsRequest()));
    }

    /// <summary>On a busy machine the provider may not answer the first question in time.</summary>
    private static async Task UntilKnownAsync(TestCoordinator coordinator, string token)
    {
        using var late = new CancellationTokenSource(TestCoordinator.Patience);
        while (await ListAsync(coordinator, token) is var code && code != StatusCode.OK)
        {
            Assert.Equal(StatusCode.Unavailable, code);
            await Task.Delay(200, late.Token);
        }
    }

    private static async Task<StatusCode> CodeAsync<T>(AsyncUnaryCall<T> call)
    {
        try
        {
            await call.ResponseAsync;
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }
}
