using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Data.Tests.Preparation;

public sealed class ResumeCheckTests
{
    [Theory]
    [InlineData("moved")]
    [InlineData("linked")]
    [InlineData("copied")]
    public async Task Prepare_ProjectElsewhere_GoesOnWithTheSameData(string how)
    {
        using var project = await BegunAsync();
        string digest = DatasetManifest.Load(project.Run.Manifest).Digest,
            from = Path.Combine(project.Path, "project"),
            to = Path.Combine(project.Path, "elsewhere");
        if (how == "moved")
            Directory.Move(from, to);
        else if (how == "linked")
            Directory.CreateSymbolicLink(to, from);
        else
            Copy(from, to);

        var prepared = project.Prepare(project.Spec("elsewhere"), resume: true);

        Assert.Equal(Path.Combine(to, "data", "rows-00000.parquet"), prepared.Manifest.Shards[0].Path);
        Assert.Equal(digest, prepared.Manifest.Digest);
        Assert.True(DatasetManifest.Load(project.Run.Manifest).Knows(digest));
    }

    [Fact]
    public async Task Prepare_ManifestOfAnOlderProgram_GoesOnAndKnowsItsCheckpoints()
    {
        using var project = await BegunAsync();
        var now = DatasetManifest.Load(project.Run.Manifest);
        var older = now with
        {
            Shards = [.. now.Shards.Select(shard => shard with { Name = null, Tail = null, Path = "/before" + shard.Path })],
        };
        older.Save(project.Run.Manifest);
        Assert.NotEqual(now.Digest, older.Digest);

        for (int times = 0; times < 2; times++)
        {
            project.Prepare(project.Spec(), resume: true);
            var written = DatasetManifest.Load(project.Run.Manifest);
            Assert.Equal(now.Digest, written.Digest);
            Assert.True(written.Knows(older.Digest) && written.Knows(now.Digest));
            Assert.False(written.Knows("another"));
        }
    }

    [Fact]
    public async Task Prepare_OtherData_IsRefusedWithFieldAndBothValues()
    {
        using var project = await BegunAsync();
        string data = Path.Combine(project.Path, "project", "data"), second = Path.Combine(data, "rows-00001.parquet");

        File.Move(second, second.Replace("00001", "00002", StringComparison.Ordinal));
        AssertRefused(
            project,
            project.Spec(),
            "data.train: the name of ",
            "rows-00002.parquet is rows-00002.parquet; the run began with rows-00001.parquet."
        );
        File.Move(second.Replace("00001", "00002", StringComparison.Ordinal), second);
        File.Copy(second, second.Replace("00001", "00002", StringComparison.Ordinal));
        AssertRefused(project, project.Spec(), "data.train has 3 shards; the run began with 2 (");
        File.Delete(second.Replace("00001", "00002", StringComparison.Ordinal));
        await PreparedFolder.WriteShardsAsync(data, "CAPTION"); // as long as before
        Assert.All(
            Assert.Throws<BadInputException>(() => project.Prepare(project.Spec(), resume: true)).Errors,
            error => Assert.StartsWith("data.train: the digest of its end of ", error, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Prepare_OtherSpec_IsRefusedWithFieldAndBothValues()
    {
        using var project = await BegunAsync();
        var spec = project.Spec();
        spec.Optimizer = new OptimizerSpec { Lr = 0.5 };
        AssertRefused(project, spec, "optimizer.lr is 0.5; the run began with 0.002. A resume keeps the trajectory");
        spec = project.Spec();
        (spec.Batch.Streams, spec.Loss) = (4, Loss.Sigmoid);
        Assert.Equal(2, Assert.Throws<BadInputException>(() => project.Prepare(spec, resume: true)).Errors.Count);
        spec = project.Spec();
        spec.Augment = new AugmentSpec { RandomResizedCrop = { 0.5, 1 } };
        AssertRefused(project, spec, "augment.random_resized_crop is [0.5, 1]; the run began with [0.9, 1].");
        spec = project.Spec();
        spec.Data.Train[0].ImageColumn = "image";
        AssertRefused(project, spec, "data.train[0].image_column is 'image'; the run began with not given.");
    }

    [Fact]
    public async Task Prepare_WeightsThatAreGone_AreNotLookedFor()
    {
        using var project = await BegunAsync();
        string stored = File.ReadAllText(project.Run.Spec)
            .Replace("model:\n", "model:\n  init_from: /somewhere/weights\n  config: /somewhere/model.json\n", StringComparison.Ordinal);
        File.WriteAllText(project.Run.Spec, stored);
        var spec = project.Spec();
        (spec.Model.InitFrom, spec.Model.Config) = ("/elsewhere/weights", "/elsewhere/model.json");
        Assert.Equal(10, project.Prepare(spec, resume: true).Plan.Steps);
        spec.Model.InitFrom = "/elsewhere/others";
        AssertRefused(project, spec, "model.init_from is 'others'; the run began with 'weights'.");
    }

    [Fact]
    public async Task Prepare_MoreSamples_AreAllowedOfAConstantScheduleAlone()
    {
        using var project = await BegunAsync(Schedule.Constant);
        var spec = Constant(project.Spec(), Schedule.Constant);
        spec.Samples = 20 * 8;
        Assert.Equal(20, project.Prepare(spec, resume: true).Plan.Steps);
        spec.Samples = 15 * 8;
        AssertRefused(project, spec, "samples is 120; the run began with 160.");

        using var cosine = await BegunAsync();
        spec = cosine.Spec();
        spec.Samples = 20 * 8;
        AssertRefused(cosine, spec, "samples is 160; the run began with 80.");
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public async Task Prepare_WarmUpLongerThanTheRun_IsANotice(uint steps, bool isSaid)
    {
        using var project = await PreparedFolder.CreateAsync();
        var spec = project.Spec(); // of 10 steps
        spec.Optimizer = new OptimizerSpec { WarmupSteps = steps };
        var said = new List<string>();
        RunPreparation.Prepare(spec, resume: false, said.Add);
        Assert.Equal(
            isSaid,
            said.Any(line => line.StartsWith("optimizer.warmup_steps is 11, more than the 10 steps of the run", StringComparison.Ordinal))
        );
    }

    private static async Task<PreparedFolder> BegunAsync(Schedule schedule = Schedule.Unspecified)
    {
        var project = await PreparedFolder.CreateAsync();
        project.Prepare(Constant(project.Spec(), schedule), resume: false);
        project.Train(steps: 7, checkpoint: 5);
        return project;
    }

    private static TrainingSpec Constant(TrainingSpec spec, Schedule schedule)
    {
        spec.Optimizer = new OptimizerSpec { Schedule = schedule };
        return spec;
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static void AssertRefused(PreparedFolder project, TrainingSpec spec, params string[] parts)
    {
        string before = File.ReadAllText(project.Run.Manifest);
        string error = Assert.Single(Assert.Throws<BadInputException>(() => project.Prepare(spec, resume: true)).Errors);
        Assert.All(parts, part => Assert.Contains(part, error, StringComparison.Ordinal));
        Assert.Equal(before, File.ReadAllText(project.Run.Manifest));
    }
}
