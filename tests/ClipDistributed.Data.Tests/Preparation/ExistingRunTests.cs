using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;

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
        Assert.Contains(
            "holds no run to go on with (there is no run.json in it)",
            Refused(project, resume: true),
            StringComparison.Ordinal
        );
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
        File.Delete(project.Run.Info);
        foreach (bool resume in new[] { false, true })
            Assert.Contains("its run.json is missing", Refused(project, resume), StringComparison.Ordinal);
        File.Delete(project.Run.Metrics);
        Assert.Contains("its run.json is missing", Refused(project, resume: false), StringComparison.Ordinal);
    }

    /// <summary>Nothing is lost by beginning; that it does is said.</summary>
    [Fact]
    public async Task Prepare_RunThatEndedBeforeItsFirstStep_BeginsAndSaysSo()
    {
        using var project = await PreparedFolder.CreateAsync();
        project.Prepare(project.Spec(), resume: false);
        project.Prepare(project.Spec(), resume: false); // a refused start left it
        project.Prepare(project.Spec(), resume: true); // stopped before its first step
        project.Train(steps: 0, checkpoint: 0);
        var said = new List<string>();
        RunPreparation.Prepare(project.Spec(), resume: true, said.Add);
        Assert.Contains("the run 'demo' ended before its first step and its first checkpoint: it begins with step 1", said);
        Assert.Contains("add --resume", Refused(project, resume: false), StringComparison.Ordinal);

        Directory.CreateDirectory(project.Run.Checkpoint(1, 0)); // of a clean stop before the first step
        said.Clear();
        RunPreparation.Prepare(project.Spec(), resume: true, said.Add);
        Assert.DoesNotContain(said, line => line.Contains("begins", StringComparison.Ordinal));
    }

    public static TheoryData<string> Names => [.. new RunDirectory("").Written.Append("link to nothing")];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Prepare_FolderOfAUser_IsRefusedBeforeAnythingIsWritten(string name)
    {
        using var project = await PreparedFolder.CreateAsync();
        Directory.CreateDirectory(project.Run.Root);
        string file = Path.Combine(project.Run.Root, name);
        if (name == "link to nothing")
            File.CreateSymbolicLink(file = project.Run.Tokenizer, "/nothing");
        else if (name is "checkpoints" or "tensorboard")
            Directory.CreateDirectory(file);
        else
            File.WriteAllText(file, "mine");
        foreach (bool resume in new[] { false, true })
        {
            string said = Refused(project, resume);
            Assert.Contains($"holds {Path.GetFileName(file)}, but no run (there is no run.json)", said, StringComparison.Ordinal);
            Assert.Contains("choose another run_directory", said, StringComparison.Ordinal);
        }
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(project.Run.Root));
        Assert.True(name is "link to nothing" or "checkpoints" or "tensorboard" || File.ReadAllText(file) == "mine");
    }

    /// <summary>A file of no run beside it stays.</summary>
    [Fact]
    public async Task Prepare_FolderWithOtherFiles_IsTaken()
    {
        using var project = await PreparedFolder.CreateAsync();
        Directory.CreateDirectory(project.Run.Root);
        string notes = Path.Combine(project.Run.Root, "notes.txt");
        File.WriteAllText(notes, "mine");
        project.Prepare(project.Spec(), resume: false);
        Assert.Equal("mine", File.ReadAllText(notes));
    }

    /// <summary>Whenever a preparation is killed: what it has made by then is a run's.</summary>
    [Fact]
    public async Task Prepare_AfterOneThatWasKilled_Begins()
    {
        using var project = await PreparedFolder.CreateAsync();
        string killed = Path.Combine(project.Path, "killed");
        int copies = 0;
        RunPreparation.Prepare(project.Spec(), resume: false, _ => Copy());
        Assert.True(copies > 0); // it says so before it trains a vocabulary
        Directory.Delete(project.Run.Root, recursive: true);
        Directory.Move(killed, project.Run.Root);
        Assert.False(File.Exists(project.Run.Tokenizer));
        project.Prepare(project.Spec(), resume: false);
        Assert.True(File.Exists(project.Run.Tokenizer));

        void Copy()
        {
            Directory.CreateDirectory(killed);
            foreach (string file in Directory.GetFiles(project.Run.Root).Where(file => file != project.Run.Lock))
                File.Copy(file, Path.Combine(killed, Path.GetFileName(file)), overwrite: true);
            copies++;
        }
    }

    private static string Refused(PreparedFolder project, bool resume) =>
        Assert.Single(Assert.Throws<BadInputException>(() => project.Prepare(project.Spec(), resume)).Errors);
}
