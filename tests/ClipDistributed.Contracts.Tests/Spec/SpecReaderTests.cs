using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using CsCheck;

namespace ClipDistributed.Contracts.Tests.Spec;

public sealed class SpecReaderTests
{
    private static readonly string[] AwkwardTexts = ["a: b", "x'y\"z", "# no", "auto-1", "1e3", "true", "ünïcode", " lead", "null", "NULL", "~"];

    private const string Example = """
        name: demo
        seed: 1
        data:
          train: [{path: data/demo/train, image_column: auto, caption_column: auto}]
          validation: [{path: data/demo/validation}]
          shuffle_block: auto
        model: {preset: tiny, init_from: "", tokenizer: ""}
        batch: {global: 512, streams: auto, micro: auto}
        loss: softmax
        optimizer: {name: adamw, lr: 1.0e-3, beta1: 0.9, beta2: 0.98, eps: 1.0e-6, weight_decay: 0.2, clip_norm: 1.0, warmup_steps: 100, schedule: cosine}
        samples: 200000
        precision: float32
        augment: {random_resized_crop: [0.9, 1.0], exif: ignore}
        checkpoint: {every_steps: 100, every_minutes: 30, keep: 3}
        evaluate: {every_steps: 100, zeroshot: {classes: data/demo/classes.txt, templates: data/demo/templates.txt}}
        replicas: {min: 1, max: 4}
        limits: {read_ahead_bytes: 2147483648, max_image_pixels: 100000000}
        run_directory: runs/demo
        """;

    [Fact]
    public void Read_Example_FillsEveryField()
    {
        var spec = SpecReader.Read(Example, "spec.yaml");

        SpecValidator.Check(spec);
        Assert.Equal("demo", spec.Name);
        Assert.Equal("data/demo/train", Assert.Single(spec.Data.Train).Path);
        Assert.Equal("", spec.Data.Train[0].ImageColumn);
        Assert.False(spec.Data.HasShuffleBlock);
        Assert.False(spec.Batch.HasStreams);
        Assert.Equal(512u, spec.Batch.Global);
        Assert.Equal(Loss.Softmax, spec.Loss);
        Assert.Equal(1e-3, spec.Optimizer.Lr);
        Assert.Equal([0.9, 1.0], spec.Augment.RandomResizedCrop);
        Assert.Equal(2147483648ul, spec.Limits.ReadAheadBytes);
    }

    [Fact]
    public void Read_JsonWithCamelCase_IsTheSame()
    {
        var json = SpecReader.Read("""{"name": "demo", "data": {"train": [{"path": "x"}]}, "optimizer": {"warmupSteps": 7}, "runDirectory": "r"}""", "spec.json");
        Assert.Equal(7u, json.Optimizer.WarmupSteps);
        Assert.Equal("r", json.RunDirectory);
    }

    [Fact]
    public void Read_ManyMistakes_ReportsAllWithTheirLines()
    {
        var refused = Assert.Throws<BadInputException>(() => SpecReader.Read("""
            name: demo
            batchsize: 3
            loss: triplet
            batch: {global: many}
            data: {train: x}
            optimizer: [1]
            """, "spec.yaml"));

        Assert.Collection(refused.Errors,
            error => Assert.Equal("spec.yaml:2: batchsize is not a field of the spec; known here: name, seed, data, model, batch, loss, optimizer, samples, precision, augment, checkpoint, evaluate, replicas, limits, run_directory.", error),
            error => Assert.Equal("spec.yaml:3: loss is 'triplet'; expected softmax or sigmoid.", error),
            error => Assert.Equal("spec.yaml:4: batch.global is 'many'; expected a whole number of 0 or more, or auto.", error),
            error => Assert.Equal("spec.yaml:5: data.train is not a list; write it as [a, b].", error),
            error => Assert.StartsWith("spec.yaml:6: optimizer holds 'a list'; expected keys: name, lr,", error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("name: [unclosed", "not YAML")]
    [InlineData("- a\n- b", "expected one mapping")]
    [InlineData("", "expected one mapping")]
    public void Read_NoMapping_SaysSo(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => SpecReader.Read(text, "spec.yaml")).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_Changes_OverrideAndCreate()
    {
        var spec = SpecReader.Read(Example, "spec.yaml", ["optimizer.lr=0.5", "data.shuffle_block=64", "augment.random_resized_crop=[0.5, 0.6]", "batch.global=auto"]);
        Assert.Equal(0.5, spec.Optimizer.Lr);
        Assert.Equal(64u, spec.Data.ShuffleBlock);
        Assert.Equal([0.5, 0.6], spec.Augment.RandomResizedCrop);
        Assert.False(spec.Batch.HasGlobal);
    }

    [Theory]
    [InlineData("optimizer.lr", "--set optimizer.lr: write path=value")]
    [InlineData("optimizer.speed=3", "optimizer.speed is not a field")]
    public void Read_WrongChange_IsRefused(string change, string expected) =>
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => SpecReader.Read(Example, "spec.yaml", [change])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("samples: \"1,5\"", "spec.yaml:1: samples is '1,5'; expected a whole number of 0 or more, or auto.")]
    [InlineData("samples: 1_000,5", "spec.yaml:1: samples is '1_000,5'; expected a whole number of 0 or more, or auto.")]
    [InlineData("batch: {micro: '1,024'}", "spec.yaml:1: batch.micro is '1,024'; expected a whole number of 0 or more, or auto.")]
    public void Read_CommaInNumber_IsRefused(string text, string expected) =>
        Assert.Equal([expected], Assert.Throws<BadInputException>(() => SpecReader.Read(text, "spec.yaml")).Errors);

    [Fact]
    public void Read_Underscores_GroupDigits() => Assert.Equal(12_800_000_000ul, SpecReader.Read("samples: 12_800_000_000", "spec.yaml").Samples);

    [Theory]
    [InlineData("~")]
    [InlineData("null")]
    [InlineData("Null")]
    [InlineData("NULL")]
    [InlineData("")]
    public void Read_Null_LeavesTheFieldOpen(string none)
    {
        var spec = SpecReader.Read($"name: {none}\nseed: {none}\nmodel: {none}\nprecision: {none}\nrun_directory: {none}", "spec.yaml");
        Assert.Equal(new TrainingSpec(), spec);
    }

    [Fact]
    public void Read_QuotedNull_IsText() => Assert.Equal("null", SpecReader.Read("run_directory: 'null'", "spec.yaml").RunDirectory);

    [Fact]
    public void ReadFile_Missing_NamesTheAbsolutePath() =>
        Assert.Contains(Path.GetFullPath("nowhere.yaml"), Assert.Throws<BadInputException>(() => SpecReader.ReadFile("nowhere.yaml", [])).Message, StringComparison.Ordinal);

    [Fact]
    public void WrittenSpec_ReadAgain_IsEqual() =>
        Gen.Select(Gen.ULong, Gen.Double[1e-9, 10], Gen.UInt[1, 100000], Gen.Int[0, AwkwardTexts.Length - 1].Select(i => AwkwardTexts[i]), Gen.Bool).Sample((seed, lr, steps, path, flip) =>
        {
            var spec = new TrainingSpec
            {
                Name = "demo", Seed = seed, Samples = seed / 2, RunDirectory = path, Loss = Loss.Softmax,
                Data = new DataSpec { Train = { new SourceSpec { Path = path } } },
                Optimizer = new OptimizerSpec { Lr = lr, WarmupSteps = steps, Name = OptimizerName.Sgd },
                Augment = new AugmentSpec { RandomResizedCrop = { lr / 10, 1 }, Flip = flip },
            };
            foreach (var one in new[] { spec, SpecDefaults.Fill(spec) })
                Assert.Equal(one, SpecReader.Read(SpecWriter.Write(one), "written"));
        });
}
