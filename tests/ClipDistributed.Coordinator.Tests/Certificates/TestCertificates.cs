using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.TestKit.Certificates;
using ClipDistributed.TestKit.Coordinators;
using Grpc.Net.Client;

namespace ClipDistributed.Coordinator.Tests.Certificates;

/// <summary>Files of a CA, of a coordinator's certificate, and of those that a test adds.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public TestCertificates()
    {
        Write("ca", Authority.Pem);
        Write("server", Authority.Issue());
    }

    public TestAuthority Authority { get; } = new();

    /// <summary>Of the coordinator.</summary>
    public TlsSettings Settings => new(Path("server"), Path("server"));

    /// <summary>Of clients that trust it.</summary>
    public TlsFiles Trust => new(Path("ca"));

    public string Folder => folder.Path;

    public string Path(string name) => folder.File($"{name}.pem");

    /// <returns>The file.</returns>
    public string Write(string name, string pem)
    {
        File.WriteAllText(Path(name), pem);
        return Path(name);
    }

    public Task<TestCoordinator> StartAsync(Func<CoordinatorOptions, CoordinatorOptions>? change = null) =>
        TestCoordinator.StartAsync(options => (change ?? (same => same))(options with { Tls = Settings }));

    /// <summary>As an admin.</summary>
    public GrpcChannel Open(TestCoordinator coordinator, TlsFiles? files = null) =>
        TokenHandler.Open(coordinator.Address, coordinator.Token, files ?? Trust);

    /// <summary>Without a token.</summary>
    public static GrpcChannel Open(string address, TlsFiles files) => CoordinatorChannel.Open(address, TestCoordinator.Patience, files);

    public void Dispose()
    {
        Authority.Dispose();
        folder.Dispose();
    }
}
