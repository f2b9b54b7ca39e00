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
        const string Missing = "pending: needs at least 5 devices; 2 hosts offer 3: a 2 cpu, b 1 cpu";

        var submitted = Run(cluster, "submit", "spec.yaml", "--set", "replicas.min=5", "--set", "run_directory=too-many");
        var shown = Run(cluster, "run", "show", "test-1");

        Assert.Equal(0, submitted.ExitCode);
        Assert.Contains($"\n{Missing}\n", submitted.Output, StringComparison.Ordinal);
        Assert.Contains(Missing, shown.Output, StringComparison.Ordinal);
        Assert.Equal(0, Run(cluster, "run", "cancel", "test-1").ExitCode);
        Assert.Equal(["error: run test-1 has ended: cancelled"], Run(cluster, "run", "stop", "test-1").ErrorLines);
    }

    [Fact]
    public async Task Submit_DirectoryInUse_NamesTheRunThatUsesIt()
    {
        await using var cluster = await LiveCluster.StartAsync();
        string[] submit = ["submit", "spec.yaml", "--set", "run_directory=used"];
        Assert.Equal(0, Run(cluster, submit).ExitCode);
        AssertRefused(Run(cluster, submit),
            $"run_directory {data.Path("used")} is in use by the run test-1, which is pending; stop it with clipd run stop test-1, wait "
                + $"for it, or choose another run_directory."
        );
        Assert.Equal(0, Run(cluster, "run", "cancel", "test-1").ExitCode);
        Assert.Equal(0, Run(cluster, submit).ExitCode); // nothing was trained there
        Assert.Equal(0, Run(cluster, "run", "cancel", "test-2").ExitCode);
    }

    [Fact]
    public async Task Command_WhatIsNotThere_SaysSo()
    {
        await using var cluster = await LiveCluster.StartAsync(1);
        AssertRefused(Run(cluster, "run", "show", "test-9"), "there is no run test-9; clipd run list shows all");
        AssertRefused(Run(cluster, "run", "watch", "test-9"), "there is no run test-9; clipd run list shows all");
        AssertRefused(
            Run(cluster, "submit", "nowhere.yaml"),
            $"{data.Path("nowhere.yaml")}: there is no such spec file; give the path of a YAML or JSON file."
        );
        var twin = Run(cluster, "worker", "--name", "a", "--gpus", "none");
        Assert.Equal(2, twin.ExitCode);
        Assert.StartsWith(
            $"error: The coordinator {cluster.Address} does not take this host: a worker host named a is already connected from 127.0.0.1:",
            twin.ErrorLines[^1],
            StringComparison.Ordinal
        );
        Assert.EndsWith("; start this one with --name", twin.ErrorLines[^1], StringComparison.Ordinal);
        AssertRefused(Run(cluster, "host", "list", "--coordinator", cluster.Address.Replace("http:", "https:", StringComparison.Ordinal)),
            $"{cluster.Address.Replace("http:", "https:", StringComparison.Ordinal)} does not speak TLS; use {cluster.Address}.");
        string listen = cluster.Address["http://".Length..];
        AssertRefused(Run(cluster, "coordinator", "--listen", listen, "--state", "state-taken"),
            $"{listen} is taken by another process, perhaps another coordinator; stop that one, or choose another port with --listen.");
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
            data.Folder, "worker", "--coordinator", cluster.Address, "--name", "blind", "--gpus", "none", "--threads", "1");
        await cluster.Log.WaitAsync("Host blind joined", LiveCluster.Patience);

        var run = await cluster.RunAsync(data.Spec($"run_directory={(hidden == "hidden" ? "hidden" : "visible")}"), replicas: 2);

        Assert.Equal(RunState.Failed, run.State);
        Assert.StartsWith("host blind (replica ", run.Reason, StringComparison.Ordinal);
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
            "--name",
            "bare",
            "--gpus",
            "none",
            "--threads",
            "1",
            "--replica-program",
            Path.Combine(folder, "clipd-replica")
        );
        await cluster.Log.WaitAsync("Host bare joined", LiveCluster.Patience);

        var run = await cluster.RunAsync(data.Spec(), replicas: 2);

        Assert.Equal(RunState.Failed, run.State);
        Assert.StartsWith("host bare (replica ", run.Reason, StringComparison.Ordinal);
        Assert.Contains("apt-get install libgloo-dev", run.Reason, StringComparison.Ordinal);
    }

    private ClipdResult Run(LiveCluster cluster, params string[] arguments) =>
        Clipd.Run(
            data.Folder,
            arguments[0] is "coordinator" || arguments.Contains("--coordinator")
                ? arguments
                : [.. arguments, "--coordinator", cluster.Address]
        );

    private static void AssertRefused(ClipdResult result, string expected)
    {
        Assert.Equal([$"error: {expected}"], result.ErrorLines);
        Assert.Equal(2, result.ExitCode);
    }
}
