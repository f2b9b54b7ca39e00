using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Contracts.Tests.Spec;

public sealed class SpecValidatorTests
{
    private const string Good = "name: a\ndata: {train: [{path: x}], validation: [{path: y}]}\n";

    [Theory]
    [InlineData("name: Big_Name", "name is 'Big_Name'; use lower-case letters, digits and dashes, at most 63.")]
    [InlineData("data: {train: []}", "data.train is empty; name at least one source, as in data: {train: [{path: shards}]}.")]
    [InlineData(
        "data: {train: [{path: x}, {image_column: y}]}",
        "data.train[1].path is empty; name a shard, a folder of them, or a pattern.")]
    [InlineData(
        "data: {train: [{path: x}], shuffle_block: 0}",
        "data.shuffle_block is 0; use a whole number from 1 to 1073741824 (2^30); 1 shuffles nothing inside of a stream."
    )]
    [InlineData("samples: 0", "samples is 0; use a whole number from 1 to 9007199254740992 (2^53).")]
    [InlineData(
        "batch: {global: 1}",
        "batch.global is 1; use a whole number from 2 to 1073741824 (2^30); a contrastive loss compares at least two pairs."
    )]
    [InlineData(
        "batch: {global: 100, streams: 8}",
        "batch.streams is 8, which does not divide batch.global 100; choose a divisor or auto."
    )]
    [InlineData(
        "batch: {global: 1073741825}",
        "batch.global is 1073741825; use a whole number from 2 to 1073741824 (2^30); a contrastive loss compares at least two pairs."
    )]
    [InlineData("batch: {streams: 4294967295}", "batch.streams is 4294967295; use a whole number from 1 to 1073741824 (2^30).")]
    [InlineData("batch: {micro: 1073741825}", "batch.micro is 1073741825; use a whole number from 1 to 1073741824 (2^30).")]
    [InlineData(
        "data: {train: [{path: x}], shuffle_block: 1073741825}",
        "data.shuffle_block is 1073741825; use a whole number from 1 to 1073741824 (2^30); 1 shuffles nothing inside of a stream."
    )]
    [InlineData("samples: 9007199254740993", "samples is 9007199254740993; use a whole number from 1 to 9007199254740992 (2^53).")]
    [InlineData(
        "data: {train: [{path: x}], validation: [{path: a/val}, {path: b/val.parquet}]}",
        "data.validation has 2 sources named 'val': a/val, b/val.parquet; give each a `name` of its own, under which its figures are "
            + "reported."
    )]
    [InlineData(
        "data: {train: [{path: x}], validation: [{path: a, name: v}, {path: b}, {path: c/v/}]}",
        "data.validation has 2 sources named 'v': a, c/v/; give each a `name` of its own, under which its figures are reported."
    )]
    [InlineData("optimizer: {lr: 0}", "optimizer.lr is 0; use a number above 0.")]
    [InlineData("optimizer: {beta2: 1}", "optimizer.beta2 is 1; use a number from 0 to below 1.")]
    [InlineData(
        "augment: {random_resized_crop: [1.0, 0.5]}",
        "augment.random_resized_crop is [1, 0.5]; give the smallest and the largest part of the area, as in [0.9, 1.0]."
    )]
    [InlineData("checkpoint: {keep: 0}", "checkpoint.keep is 0; use a whole number from 1 to 4294967295.")]
    [InlineData(
        "evaluate: {zeroshot: {classes: c}}",
        "evaluate.zeroshot.templates is empty; name a text file with one template a line, {} for the class."
    )]
    [InlineData("evaluate: {retrieval: {pairs: 1}}", "evaluate.retrieval.pairs is 1; use a whole number from 2 to 100000, or 0 (off).")]
    [InlineData(
        "evaluate: {retrieval: {pairs: 100001}}",
        "evaluate.retrieval.pairs is 100001; use a whole number from 2 to 100000, or 0 (off)."
    )]
    [InlineData("replicas: {min: 3, max: 2}", "replicas.min is 3, above replicas.max 2.")]
    [InlineData(
        "replicas: {rebalance_above: 1}",
        "replicas.rebalance_above is 1; use a number from 0 (shares stay even) to below 1, a part of a step."
    )]
    [InlineData("replicas: {priority: 101}", "replicas.priority is 101; use a whole number from 0 to 100.")]
    [InlineData(
        "replicas: {wait_minutes: -1}",
        "replicas.wait_minutes is -1; use a number from 0 (save and stop at once) to 525600 (a year)."
    )]
    public void Check_OneMistake_GivesOneLineWithTheRemedy(string change, string expected)
    {
        string key = change[..change.IndexOf(':', StringComparison.Ordinal)];
        string text =
            string.Join('\n', Good.Split('\n').Where(line => !line.StartsWith(key + ":", StringComparison.Ordinal))) + "\n" + change;
        var refused = Assert.Throws<BadInputException>(() => SpecValidator.Check(SpecReader.Read(text, "spec.yaml")));
        Assert.Equal([expected], refused.Errors);
    }

    [Fact]
    public void Check_MessageThatNoReaderSaw_IsHeldToNamesAndText()
    {
        var spec = SpecReader.Read(Good, "spec.yaml");
        (spec.Loss, spec.RunDirectory, spec.Data.Train[0].Path) = ((Loss)7, "a\0b", "x\u001b[31m");
        spec.Optimizer = new OptimizerSpec { Lr = double.NaN, Schedule = (Schedule)(-1) };
        Assert.Equal(
        [
            "data.train[0].path has the control or formatting character U+001B; delete it.",
            "loss is 7; use softmax or sigmoid.",
            "optimizer.lr is NaN; use a number above 0.",
            "optimizer.schedule is -1; use cosine or constant.",
            "run_directory has the control or formatting character U+0000; delete it.",
        ], Assert.Throws<BadInputException>(() => SpecValidator.Check(spec)).Errors);
    }

    [Theory]
    [InlineData("checkpoint: {every_minutes: 1e300}", "checkpoint.every_minutes is 1E+300; use a number from 0 (off) to 525600 (a year).")]
    [InlineData(
        "limits: {read_ahead_bytes: 18446744073709551615}",
        "limits.read_ahead_bytes is 18446744073709551615; use a whole number from 0 to 9007199254740992 (2^53)."
    )]
    [InlineData("limits: {max_image_pixels: 0}", "limits.max_image_pixels is 0; use a whole number from 1 to 9007199254740992 (2^53).")]
    [InlineData("model: {preset: VIT-B/32}", "model.preset is 'VIT-B/32'; did you mean ViT-B-32? Known: ")]
    public void Check_ValueThatOverflowsLater_IsRefused(string change, string expected) =>
        Assert.StartsWith(
            expected,
            Assert.Single(Assert.Throws<BadInputException>(() => SpecValidator.Check(SpecReader.Read(Good + change, "spec.yaml"))).Errors),
            StringComparison.Ordinal
        );

    [Fact]
    public void Check_TheMostAllowed_IsFine() => SpecValidator.Check(SpecReader.Read("""
        data: {train: [{path: v}, {path: b/v}], validation: [{path: v}, {path: b/v, name: other}], shuffle_block: 1073741824}
        batch: {global: 1073741824, streams: 1073741824, micro: 1073741824}
        samples: 9007199254740992
        """, "spec.yaml"));

    [Theory]
    [InlineData("data/imagenet-v1.5", "imagenet-v1.5")]
    [InlineData("data/imagenet-v1.5/", "imagenet-v1.5")]
    [InlineData("data/part.0.parquet", "part.0")]
    public void Fill_SourceWithoutName_TakesTheLastPartWithoutParquet(string path, string expected)
    {
        var full = SpecDefaults.Fill(SpecReader.Read($"data: {{train: [{{path: x}}], validation: [{{path: {path}}}]}}", "spec.yaml"));
        Assert.Equal(expected, full.Data.Validation[0].Name);
    }

    [Fact]
    public void Check_PresetUnknown_ListsThem()
    {
        var refused = Assert.Throws<BadInputException>(() =>
            SpecValidator.Check(SpecReader.Read(Good + "model: {preset: huge}", "spec.yaml"))
        );
        Assert.Equal(
            [$"model.preset is 'huge'; known: {string.Join(", ", ModelPresets.All.Select(preset => preset.Name))}."],
            refused.Errors
        );
    }

    [Fact]
    public void Check_SeveralMistakes_ReportsAll()
    {
        var spec = SpecReader.Read("name: '-'\nbatch: {global: 0, micro: 0}\noptimizer: {eps: 0}", "spec.yaml");
        Assert.Equal(5, Assert.Throws<BadInputException>(() => SpecValidator.Check(spec)).Errors.Count);
    }

    [Fact]
    public void CheckWithModelConfig_SpecAndFileWrong_ReportsBoth()
    {
        string file = Path.GetTempFileName();
        try
        {
            var spec = SpecReader.Read($"{Good}samples: 0\nmodel: {{config: {file}}}", "spec.yaml");
            var model = ModelPresets.Find("tiny")!.Model;
            File.WriteAllText(file, new ModelFolderConfig { ModelCfg = model with { EmbedDim = 0 } }.ToJson());
            var refused = Assert.Throws<BadInputException>(() => SpecValidator.CheckWithModelConfig(spec));
            Assert.Equal(
                [
                    "samples is 0; use a whole number from 1 to 9007199254740992 (2^53).",
                    $"model.config: {file}: model_cfg.embed_dim is 0; use 1 to 1048576.",
                ],
                refused.Errors
            );

            spec.ClearSamples();
            File.WriteAllText(file, new ModelFolderConfig { ModelCfg = model }.ToJson());
            SpecValidator.CheckWithModelConfig(spec);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void CheckWithModelConfig_NoFile_NamesTheAbsolutePath()
    {
        var spec = SpecReader.Read(Good + "model: {config: nowhere.json}", "spec.yaml");
        var refused = Assert.Throws<BadInputException>(() => SpecValidator.CheckWithModelConfig(spec));
        Assert.Equal([$"model.config: {Path.GetFullPath("nowhere.json")}: there is no such model config."], refused.Errors);
    }

    [Fact]
    public void Fill_PresetAndDefaults_LeaveWhatIsGiven()
    {
        var full = SpecDefaults.Fill(SpecReader.Read(Good + "model: {preset: ViT-B-32}\noptimizer: {lr: 0.1}", "spec.yaml"));
        Assert.Equal(0.1, full.Optimizer.Lr);
        Assert.Equal(32768u, full.Batch.Global);
        Assert.Equal(2000u, full.Optimizer.WarmupSteps);
        Assert.Equal("runs/a", full.RunDirectory);
        Assert.Equal("y", full.Data.Validation[0].Name);
        Assert.False(full.Batch.HasStreams);
    }
}
