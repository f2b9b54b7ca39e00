using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.TestKit.Certificates;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>All certificates of a cluster with mutual TLS are replaced by those of another CA while it trains.</summary>
[Collection(ClusterCollection.Name)]
public sealed class CertificateRotationTests(ClusterData data)
{
    private static readonly string[] Steps = ["samples=6400", "evaluate.every_steps=0"];

    [Fact]
    public async Task Certificates_AllReplacedDuringARun_NoStepIsLost()
    {
        using var files = new TemporaryFolder();
        using var old = new TestAuthority();
        using var next = new TestAuthority(); // of the same name
        string server = files.File("server.pem"), clientCa = files.File("client-ca.pem");
        var tls = new TlsFiles(files.File("ca.pem"), files.File("client.pem"));
        string oldCa = files.File("old-ca.pem"), both = $"{old.Pem}\n{next.Pem}\n";
        await WriteAsync((oldCa, old.Pem), (tls.Ca!, old.Pem), (clientCa, old.Pem), (server, old.Issue()),
            (tls.Certificate!, old.Issue(TestAuthority.ClientUse)));
        var spec = data.Spec(Steps);
        string[] options = ["--cert", server, "--key", server, "--client-ca", clientCa];
        await using var cluster = await LiveCluster.StartApartAsync(tls, options, 2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), 5);

        await WriteAsync((tls.Ca!, both)); // first what is trusted,
        await WriteAsync((clientCa, both), (server, next.Issue())); // then what is shown,
        await cluster.Log.WaitAsync("CertificateReloaded");
        await WriteAsync((tls.Certificate!, next.Issue(TestAuthority.ClientUse)), (tls.Ca!, next.Pem)); // and the old CA is left out
        Assert.Equal(0, List(cluster, tls.Ca!).ExitCode);
        var refused = List(cluster, oldCa);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("is signed by a CA that is not trusted here", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        await cluster.Coordinator.KillAsync(); // so that all connect again
        await WriteAsync((clientCa, next.Pem));
        await cluster.Coordinator.StartAgainAsync();

        var run = await cluster.EndAsync(runId);
        Assert.Equal((RunState.Succeeded, "", 1), (run.State, run.Reason, run.Generation));
        Assert.Equal(3, cluster.Log.Processes.Count);
        ClusterData.Recorded(spec).AssertFollows(data.Alone(Steps));
    }

    private ClipdResult List(LiveCluster cluster, string ca) =>
        Clipd.Run(data.Folder, "host", "list", "--coordinator", cluster.Address, "--token-file", cluster.TokenFile, "--ca", ca);

    /// <summary>Each at once: a reader sees the former content or this one.</summary>
    private static async Task WriteAsync(params (string File, string Pem)[] files)
    {
        foreach (var (file, pem) in files)
        {
            await File.WriteAllTextAsync($"{file}.new", pem);
            File.Move($"{file}.new", file, overwrite: true);
        }
    }
}
