using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Networks;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cluster.Tests.Commands;

/// <summary>What a user of a cluster can get wrong: one line that says what, where and what to do.</summary>
[Collection(ClusterCollection.Name)]
public sealed class RefusalTests(ClusterData data)
{
    [Fact]
    public async Task Submit_MoreThanAllHostsOffer_WaitsAndSaysWhatIsMissing()
    {
        await using var cluster = await LiveCluster.StartAsync(2, 1);

        var submitted = Run(cluster, "submit", "spec.yaml", "--set", "replicas.min=5", "--set", "run_directory=too-many");
        var shown = Run(cluster, "run", "show", "test-1");

        var run = await cluster.StateAsync("test-1");
        Assert.Equal((0, RunState.Pending), (submitted.ExitCode, run.State));
        Assert.Contains("5", run.Reason, StringComparison.Ordinal);
        Assert.Contains(run.Reason, submitted.Output, StringComparison.Ordinal);
        Assert.Contains(run.Reason, shown.Output, StringComparison.Ordinal);
        Assert.Equal(0, Run(cluster, "run", "cancel", "test-1").ExitCode);
        AssertRefused(Run(cluster, "run", "stop", "test-1"), "run test-1 has ended: cancelled");
    }

    [Fact]
    public async Task Submit_DirectoryInUse_NamesTheRunThatUsesIt()
    {
        await using var cluster = await LiveCluster.StartAsync();
        string[] submit = ["submit", "spec.yaml", "--set", "run_directory=used"];
        Assert.Equal(0, Run(cluster, submit).ExitCode);
        AssertRefused(Run(cluster, submit), data.Path("used"), "test-1");
        Assert.Equal(0, Run(cluster, "run", "cancel", "test-1").ExitCode);
        Assert.Equal(0, Run(cluster, submit).ExitCode); // nothing was trained there
        Assert.Equal(0, Run(cluster, "run", "cancel", "test-2").ExitCode);
    }

    [Fact]
    public async Task Command_WhatIsNotThere_SaysSo()
    {
        await using var cluster = await LiveCluster.StartAsync(1);
        AssertRefused(Run(cluster, "run", "show", "test-9"), "test-9", "clipd run list");
        AssertRefused(Run(cluster, "run", "watch", "test-9"), "test-9", "clipd run list");
        AssertRefused(Run(cluster, "submit", "nowhere.yaml"), data.Path("nowhere.yaml"));
        var twin = Run(cluster, "worker", "--name", "a", "--gpus", "none");
        AssertRefused(twin with { Errors = twin.ErrorLines[^1] }, cluster.Address, "127.0.0.1", "--name"); // after what it logs
        AssertRefused(Run(cluster, "host", "list", "--coordinator", cluster.Address.Replace("http:", "https:", StringComparison.Ordinal)),
            cluster.Address.Replace("http:", "https:", StringComparison.Ordinal), "use http://");
        string listen = cluster.Address["http://".Length..];
        AssertRefused(Run(cluster, "coordinator", "--listen", listen, "--state", "state-taken"),
            listen, "--listen");
    }

    [Theory]
    [InlineData("data/train")]
    [InlineData("hidden")] // the run directory
    public async Task Run_FolderThatAWorkerDoesNotSee_NamesHostAndPath(string hidden)
    {
        string? denied = Shell.Try("unshare -m true");
        Assert.SkipUnless(denied is null, $"mount namespaces cannot be made here ({denied})");
        await using var cluster = await LiveCluster.StartAsync(1);
        Directory.CreateDirectory(data.Path(hidden));
        using var blind = Clipd.StartThrough(["unshare", "-m", "sh", "-c", $"mount -t tmpfs none {data.Path(hidden)} && exec \"$@\"", "sh"],
            data.Folder, "worker", "--coordinator", cluster.Address, "--token-file", cluster.TokenFile, "--name", "blind",
            "--gpus", "none", "--threads", "1");
        await cluster.Log.WaitAsync("HostJoined", ("HostId", "blind"));

        var run = await cluster.RunAsync(data.Spec($"run_directory={(hidden == "hidden" ? "hidden" : "visible")}"), replicas: 2);

        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("blind", run.Reason, StringComparison.Ordinal);
        Assert.Contains(data.Path(hidden), run.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', run.Reason);
    }

    [Fact]
    public async Task Run_HostWithoutGloo_NamesThePackage()
    {
        await using var cluster = await LiveCluster.StartAsync(1);
        // The folder of the replica, but for the library between it and Gloo.
        string real = Path.GetDirectoryName(File.ResolveLinkTarget(LiveCluster.ReplicaProgram, returnFinalTarget: true)!.FullName)!;
        string folder = Directory.CreateDirectory(data.Path("without-gloo")).FullName;
        Shell.Run($"cp -rs {real}/. {folder}");
        File.Delete(Path.Combine(folder, "libclipd_gloo.so"));
        foreach (string file in new[] { "clipd-replica", "clipd-replica.dll", "ClipDistributed.Collectives.dll" })
        {
            File.Delete(Path.Combine(folder, file)); // a link would lead back to the folder with all libraries
            File.Copy(Path.Combine(real, file), Path.Combine(folder, file));
        }
        using var bare = Clipd.Start(
            data.Folder,
            "worker",
            "--coordinator",
            cluster.Address,
            "--token-file",
            cluster.TokenFile,
            "--name",
            "bare",
            "--gpus",
            "none",
            "--threads",
            "1",
            "--replica-program",
            Path.Combine(folder, "clipd-replica")
        );
        await cluster.Log.WaitAsync("HostJoined", ("HostId", "bare"));

        var run = await cluster.RunAsync(data.Spec(), replicas: 2);

        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("bare", run.Reason, StringComparison.Ordinal);
        Assert.Contains("libgloo-dev", run.Reason, StringComparison.Ordinal);
    }

    private ClipdResult Run(LiveCluster cluster, params string[] arguments) =>
        Clipd.Run(
            data.Folder,
            arguments[0] is "coordinator" || arguments.Contains("--coordinator")
                ? arguments
                : [.. arguments, "--coordinator", cluster.Address, "--token-file", cluster.TokenFile]
        );

    /// <summary>One line, which names these; most refusals are worded by the coordinator, whose tests assert the words.</summary>
    private static void AssertRefused(ClipdResult result, params string[] names)
    {
        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.All(names, name => Assert.Contains(name, line, StringComparison.Ordinal));
        Assert.Equal(2, result.ExitCode);
    }
}
