using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Data.Tests.Preparation;

public sealed class ExistingRunTests
{
    [Fact]
    public async Task Prepare_ResumeOfNoRun_IsRefusedAndMakesNothing()
    {
        using var project = await PreparedFolder.CreateAsync();
        Assert.Contains("holds no run to go on with (there is no such folder)", Refused(project, resume: true), StringComparison.Ordinal);
        Assert.False(Directory.Exists(project.Run.Root));
        Directory.CreateDirectory(project.Run.Root);
        Assert.Contains("holds no run to go on with (there is no run.json in it)", Refused(project, resume: true), StringComparison.Ordinal);
        Assert.False(File.Exists(project.Run.Spec));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("attempt")]
    [InlineData("temporary")]
    [InlineData("other attempt")]
    public async Task Prepare_ResumeWithoutACheckpoint_IsRefusedAndKeepsTheMetrics(string checkpoints)
    {
        using var project = await PreparedFolder.CreateAsync();
        project.Prepare(project.Spec(), resume: false);
        project.Train(steps: 7, checkpoint: 0);
        if (checkpoints != "missing")
            Directory.CreateDirectory(project.Run.Checkpoints);
        if (checkpoints == "attempt")
            Directory.CreateDirectory(project.Run.Attempt(1));
        if (checkpoints == "temporary")
            Directory.CreateDirectory(Path.Combine(project.Run.Attempt(1), ".tmp-step-00000005-x"));
        if (checkpoints == "other attempt")
            Directory.CreateDirectory(project.Run.Checkpoint(3, 5));

        Assert.Contains($"{project.Run.Checkpoints} has no checkpoint of it", Refused(project, resume: true), StringComparison.Ordinal);

        Assert.Equal(7, File.ReadLines(project.Run.Metrics).Count());
        Directory.CreateDirectory(project.Run.Checkpoint(1, 5));
        Assert.Equal(10, project.Prepare(project.Spec(), resume: true).Plan.Steps);
    }

    [Fact]
    public async Task Prepare_WithoutTheState_IsRefusedWhereThereAreSteps()
    {
        using var project = await PreparedFolder.CreateAsync();
        project.Prepare(project.Spec(), resume: false);
        project.Train(steps: 7, checkpoint: 5);
        File.Delete(project.Run.State);
        foreach (bool resume in new[] { false, true })
            Assert.Contains("its run.json is missing", Refused(project, resume), StringComparison.Ordinal);
        File.Delete(project.Run.Metrics);
        Assert.Contains("its run.json is missing", Refused(project, resume: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_RunThatNeverBegan_BeginsOrGoesOn()
    {
        using var project = await PreparedFolder.CreateAsync();
        project.Prepare(project.Spec(), resume: false);
        project.Prepare(project.Spec(), resume: false); // a refused start left it
        project.Prepare(project.Spec(), resume: true); // stopped before its first step
        project.Train(steps: 0, checkpoint: 0);
        project.Prepare(project.Spec(), resume: true);
        Assert.Contains("add --resume", Refused(project, resume: false), StringComparison.Ordinal);
    }

    private static string Refused(PreparedFolder project, bool resume) =>
        Assert.Single(Assert.Throws<BadInputException>(() => project.Prepare(project.Spec(), resume)).Errors);
}
