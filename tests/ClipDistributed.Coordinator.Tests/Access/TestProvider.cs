using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.TestKit.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace ClipDistributed.Coordinator.Tests.Access;

/// <summary>A real provider of OpenID Connect, OpenIddict, over TLS on a free port of this machine.</summary>
public sealed class TestProvider : IAsyncLifetime
{
    public const string Audience = "clipd";

    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();
    private readonly RSA key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, string[]> people = new(); // their groups
    private readonly WebApplication app;

    public TestProvider()
        : this(port: 0)
    {
    }

    /// <param name="port">0: a free one.</param>
    internal TestProvider(int port)
    {
        string pem = authority.Issue();
        File.WriteAllText(Ca, authority.Pem);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, endPoint =>
        {
            endPoint.Protocols = HttpProtocols.Http1;
            endPoint.UseHttps(X509Certificate2.CreateFromPem(pem, pem));
        }));
        builder.Services.AddRouting();
        builder.Services.AddOpenIddict().AddServer(server =>
        {
            server.EnableDegradedMode(); // no database
            server.SetTokenEndpointUris("token");
            server.AllowPasswordFlow();
            server.AcceptAnonymousClients();
            server.AddEphemeralEncryptionKey();
            server.AddSigningKey(SigningKey);
            server.DisableAccessTokenEncryption();
            server.UseAspNetCore();
            server.AddEventHandler<ValidateTokenRequestContext>(on => on.UseInlineHandler(_ => default));
            server.AddEventHandler<HandleTokenRequestContext>(on => on.UseInlineHandler(LogInAsync));
        });
        builder.Services.AddAuthentication();
        app = builder.Build();
        app.UseAuthentication();
    }

    public RsaSecurityKey SigningKey => new(key) { KeyId = "first" };

    public string Ca => folder.File("provider-ca.pem");

    public string Issuer { get; private set; } = "";

    /// <summary>Of a coordinator that people of two groups may use, and a third one reads.</summary>
    internal OpenIdSettings Settings => new(
        Issuer, Audience, ["viewer=guests", "operator=team-a", "admin=CN=admins,DC=lab"], RoleClaim: "groups", Ca: Ca);

    public async ValueTask InitializeAsync()
    {
        await app.StartAsync();
        Issuer = $"{app.Urls.Single()}/"; // as OpenIddict names itself
    }

    /// <summary>Logs a person in, as a program would.</summary>
    public async Task<string> TokenAsync(string name, params string[] groups)
    {
        people[name] = groups;
        using var http = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        });
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["grant_type"] = "password", ["username"] = name, ["password"] = "any" });
        using var response = await http.PostAsync($"{Issuer}token", form);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>();
        return (string?)answer!["access_token"] ?? throw new InvalidOperationException($"{answer}");
    }

    /// <summary>A token as the provider signs them, with what it would never say.</summary>
    public string Sign(Action<SecurityTokenDescriptor> change)
    {
        var now = DateTime.UtcNow;
        var token = new SecurityTokenDescriptor
        {
            Issuer = Issuer, Audience = Audience, NotBefore = now.AddMinutes(-5), IssuedAt = now.AddMinutes(-5), Expires = now.AddHours(1),
            Claims = new Dictionary<string, object> { ["sub"] = "ann", ["groups"] = new[] { "team-a" } },
            SigningCredentials = new SigningCredentials(SigningKey, SecurityAlgorithms.RsaSha256),
        };
        change(token);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        key.Dispose();
        authority.Dispose();
        folder.Dispose();
    }

    private ValueTask LogInAsync(HandleTokenRequestContext context)
    {
        string name = context.Request.Username!;
        var identity = new ClaimsIdentity("test", OpenIddictConstants.Claims.Name, OpenIddictConstants.Claims.Role);
        identity.SetClaim(OpenIddictConstants.Claims.Subject, name);
        identity.SetClaims("groups", [.. people[name]]);
        identity.SetDestinations(_ => [OpenIddictConstants.Destinations.AccessToken]);
        var person = new ClaimsPrincipal(identity);
        person.SetAudiences(Audience);
        context.SignIn(person);
        return default;
    }
}
