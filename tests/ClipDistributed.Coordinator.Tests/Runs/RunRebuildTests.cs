using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Runs;

public class RunRebuildTests
{
    [Fact]
    public async Task Add_RunsOfALostStore_AreKnownAgainAndCanBeResumed()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var specs = new[] { coordinator.Spec(run: "x"), coordinator.Spec(run: "y") };
        foreach (var spec in specs)
        {
            string runId = await coordinator.SubmitAsync(spec);
            await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
            await coordinator.UntilAsync(runId, RunState.Cancelled);
        }
        await File.WriteAllTextAsync(
            Path.Combine(specs[1].RunDirectory, "metrics.jsonl"),
            """{"kind":"step","step":3,"samples":24,"epoch":0,"loss":1.5,"logit_scale":14.3,"lr":0.1,"grad_norm":1}""" + "\n"
        );
        await File.WriteAllTextAsync(Path.Combine(specs[1].RunDirectory, ".writer"), "demo-7 2 3\n");

        using var folder = new TemporaryFolder();
        using var store = RunStore.Open(new CoordinatorOptions { StateDirectory = folder.File("state") });
        var said = new List<string>();
        var found = RunRebuild.Read([Path.GetDirectoryName(specs[0].RunDirectory)!]);
        await RunRebuild.AddAsync(store, found, said.Add);
        await RunRebuild.AddAsync(store, found, said.Add); // changes nothing

        var (jobs, runs) = await store.LoadAsync();
        Assert.Equal(["demo", "demo-b"], jobs.Select(job => job.JobId));
        Assert.Equal(
            [("demo-1", specs[0].RunDirectory, 0L), ("demo-7", specs[1].RunDirectory, 3L)],
            runs.Select(run => (run.RunId, run.RunDirectory, run.Step)).OrderBy(run => run.RunId, StringComparer.Ordinal)
        );
        Assert.All(runs, run => Assert.Equal((RunState.Stopped, 5L), (run.State, run.Steps)));
        Assert.Equal(2, said.Count(line => line.Contains("is known already", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("metrics.jsonl")]
    [InlineData(".writer")]
    public async Task Read_FileThatNeverEnds_IsNamed(string name)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec();
        await coordinator.SubmitAsync(spec);
        string file = Path.Combine(spec.RunDirectory, name);
        File.Delete(file);
        File.CreateSymbolicLink(file, "/dev/zero");
        var refused = Assert.Throws<BadInputException>(() => RunRebuild.Read([spec.RunDirectory]));
        Assert.Contains("is a device", Assert.Single(refused.Errors), StringComparison.Ordinal);
    }

    /// <summary>The name becomes part of ids, of paths and of what terminals show.</summary>
    [Theory]
    [InlineData("name: demo", "name: \"de\\e[2Jmo\"", "name is '")]
    [InlineData("name: demo", "name: ../../etc", "name is '")]
    [InlineData("global: ", "global: 7", "batch.global")]
    public async Task Read_SpecThatNoJobCouldHave_LeavesThatRunOut(string old, string damaged, string said)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var specs = new[] { coordinator.Spec(run: "x"), coordinator.Spec(run: "y") };
        foreach (var spec in specs)
            await coordinator.SubmitAsync(spec);
        string file = Path.Combine(specs[0].RunDirectory, "spec.yaml"), text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, text.Replace(old, damaged, StringComparison.Ordinal));
        Assert.NotEqual(text, await File.ReadAllTextAsync(file));

        var left = new List<string>();
        var found = RunRebuild.Read([Path.GetDirectoryName(specs[0].RunDirectory)!], left.Add);

        Assert.Equal([specs[1].RunDirectory], found.Select(run => run.Prepared.Directory.Root));
        string line = Assert.Single(left);
        Assert.StartsWith($"{specs[0].RunDirectory} cannot be read (", line, StringComparison.Ordinal);
        Assert.Contains(said, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FoldersWithoutRuns_AreAllNamed()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("broken"));
        File.WriteAllText(folder.File("broken/run.json"), "{");
        Directory.CreateDirectory(folder.File("nothing"));
        var refused = Assert.Throws<BadInputException>(() =>
            RunRebuild.Read([folder.File("absent"), folder.File("nothing"), folder.File("broken")])
        );
        Assert.Equal(3, refused.Errors.Count);
        Assert.All(refused.Errors, error => Assert.StartsWith("--rebuild: ", error, StringComparison.Ordinal));
    }
}
