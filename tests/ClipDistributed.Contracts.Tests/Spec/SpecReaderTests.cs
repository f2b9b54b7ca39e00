using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Mutations;
using CsCheck;

namespace ClipDistributed.Contracts.Tests.Spec;

public sealed class SpecReaderTests
{
    private static readonly string[] AwkwardTexts =
    [
        "auto",
        "yes",
        "~/x",
        "s3://a/b",
        "a b",
        "- x",
        "it's: \"",
        "{a",
        "*x",
        "&x",
        "!x",
        "|",
        "0x1",
        "C:\\x",
        ".5",
        "a: b",
        "x'y\"z",
        "# no",
        "auto-1",
        "1e3",
        "true",
        "ünïcode",
        " lead",
        "null",
        "NULL",
        "~",
    ];

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
        var json = SpecReader.Read(
            """{"name": "demo", "data": {"train": [{"path": "x"}]}, "optimizer": {"warmupSteps": 7}, "runDirectory": "r"}""",
            "spec.json"
        );
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

        Assert.Collection(
            refused.Errors,
            error =>
                Assert.Equal(
                    "spec.yaml:2: batchsize is not a field of the spec; did you mean batch? Known here: name, seed, data, "
                        + "model, batch, loss, optimizer, samples, precision, augment, checkpoint, evaluate, replicas, limits, "
                        + "run_directory.",
                    error
                ),
            error => Assert.Equal("spec.yaml:3: loss is 'triplet'; expected softmax or sigmoid.", error),
            error =>
                Assert.Equal(
                    "spec.yaml:4: batch.global is 'many'; expected a whole number from 2 to 1073741824 (2^30); a "
                        + "contrastive loss compares at least two pairs.",
                    error
                ),
            error => Assert.Equal("spec.yaml:5: data.train is not a list; write it as [{path: shards}].", error),
            error => Assert.StartsWith("spec.yaml:6: optimizer holds a list; expected keys: name, lr,", error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("name: [unclosed", "spec.yaml:1: '[' is not closed by ']', or a comma is missing behind it.")]
    [InlineData("- a\n- b", "expected a mapping")]
    [InlineData("", "expected a mapping")]
    public void Read_NoMapping_SaysSo(string text, string expected) =>
        Assert.Contains(
            expected,
            Assert.Throws<BadInputException>(() => SpecReader.Read(text, "spec.yaml")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Read_Changes_OverrideAndCreate()
    {
        var spec = SpecReader.Read(
            Example,
            "spec.yaml",
            ["optimizer.lr=0.5", "data.shuffle_block=64", "augment.random_resized_crop=[0.5, 0.6]", "batch.micro=auto"]
        );
        Assert.Equal(0.5, spec.Optimizer.Lr);
        Assert.Equal(64u, spec.Data.ShuffleBlock);
        Assert.Equal([0.5, 0.6], spec.Augment.RandomResizedCrop);
        Assert.False(spec.Batch.HasMicro);
    }

    [Theory]
    [InlineData("optimizer.lr", "--set optimizer.lr: write path=value")]
    [InlineData("optimizer.speed=3", "optimizer.speed is not a field")]
    public void Read_WrongChange_IsRefused(string change, string expected) =>
        Assert.Contains(
            expected,
            Assert.Throws<BadInputException>(() => SpecReader.Read(Example, "spec.yaml", [change])).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("samples: \"1,5\"", "spec.yaml:1: samples is '1,5'; expected a whole number from 1 to 9007199254740992 (2^53).")]
    [InlineData("samples: 1_000,5", "spec.yaml:1: samples is '1_000,5'; expected a whole number from 1 to 9007199254740992 (2^53).")]
    [InlineData(
        "batch: {micro: '1,024'}",
        "spec.yaml:1: batch.micro is '1,024'; expected a whole number from 1 to 1073741824 (2^30), or auto."
    )]
    public void Read_CommaInNumber_IsRefused(string text, string expected) =>
        Assert.Equal([expected], Assert.Throws<BadInputException>(() => SpecReader.Read(text, "spec.yaml")).Errors);

    [Theory]
    [InlineData(
        "samples: auto",
        "spec.yaml:1: samples is 'auto'; expected a whole number from 1 to 9007199254740992 (2^53); leave it out for the default, which "
            + "clipd spec show prints."
    )]
    [InlineData(
        "loss: auto",
        "spec.yaml:1: loss is 'auto'; expected softmax or sigmoid; leave it out for the default, which clipd spec show prints."
    )]
    [InlineData(
        "run_directory: auto",
        "spec.yaml:1: run_directory is 'auto'; expected text; leave it out for the default, which clipd spec show prints."
    )]
    [InlineData("optimizer: {lr: 1e400}", "spec.yaml:1: optimizer.lr is '1e400'; expected a number above 0.")]
    [InlineData("optimizer: {lr: .inf}", "spec.yaml:1: optimizer.lr is '.inf'; expected a number above 0.")]
    [InlineData("optimizer: {lr: NaN}", "spec.yaml:1: optimizer.lr is 'NaN'; expected a number above 0.")]
    [InlineData(
        "seed: 0x10",
        "spec.yaml:1: seed is '0x10'; expected a whole number from 0 to 18446744073709551615; write it in decimal, without leading zeros."
    )]
    [InlineData(
        "seed: 0o17",
        "spec.yaml:1: seed is '0o17'; expected a whole number from 0 to 18446744073709551615; write it in decimal, without leading zeros."
    )]
    [InlineData(
        "seed: 010",
        "spec.yaml:1: seed is '010'; expected a whole number from 0 to 18446744073709551615; write it in decimal, without leading zeros."
    )]
    [InlineData("seed: -1", "spec.yaml:1: seed is '-1'; expected a whole number from 0 to 18446744073709551615.")]
    [InlineData("seed: 1__0", "spec.yaml:1: seed is '1__0'; expected a whole number from 0 to 18446744073709551615.")]
    [InlineData(
        "samples: 4e5",
        "spec.yaml:1: samples is '4e5'; expected a whole number from 1 to 9007199254740992 (2^53); write its digits, as in 1_000_000."
    )]
    [InlineData(
        "batch: {global: 4294967296}",
        "spec.yaml:1: batch.global is '4294967296'; expected a whole number from 2 to 1073741824 (2^30); a contrastive loss compares at "
            + "least two pairs."
    )]
    [InlineData("augment: {flip: yes}", "spec.yaml:1: augment.flip is 'yes'; expected true or false.")]
    [InlineData("loss: softmaxx", "spec.yaml:1: loss is 'softmaxx'; expected softmax or sigmoid; did you mean softmax?")]
    [InlineData("run_directory: a\nrunDirectory: b", "spec.yaml:2: runDirectory is given as run_directory already; keep one of them.")]
    [InlineData(
        "data: {train: [~]}",
        "spec.yaml:1: data.train[0] is empty; expected keys: path, image_column, caption_column, label_column, name."
    )]
    [InlineData(
        "augment: {random_resized_crop: [0.5, ]}\naugment: 1",
        "spec.yaml:2: augment is given on line 1 already; keep one of them."
    )]
    public void Read_WrongValue_SaysWhatIsTaken(string text, string expected) =>
        Assert.Equal([expected], Assert.Throws<BadInputException>(() => SpecReader.Read(text, "spec.yaml")).Errors);

    [Theory]
    [InlineData("optimiser: {lr: 1}", "did you mean optimizer?")]
    [InlineData("lr: 1", "did you mean optimizer.lr?")]
    [InlineData("batch: {globl: 3}", "did you mean batch.global?")]
    [InlineData("run-directory: x", "did you mean run_directory?")]
    [InlineData("optimizer: {warmup: 3}", "did you mean optimizer.warmup_steps?")]
    public void Read_UnknownKey_NamesTheNearest(string text, string expected) =>
        Assert.Contains(
            expected,
            Assert.Single(Assert.Throws<BadInputException>(() => SpecReader.Read(text, "spec.yaml")).Errors),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("augment: {flip: True}")]
    [InlineData("augment: {flip: TRUE}")]
    [InlineData("{\"augment\": {\"flip\": true}}")]
    public void Read_TruthOfTheCoreSchema_IsTaken(string text) => Assert.True(SpecReader.Read(text, "spec.yaml").Augment.Flip);

    [Fact]
    public void ReadChecked_MistakesOfBothKinds_AreReportedTogether()
    {
        var refused = Assert.Throws<BadInputException>(() => SpecReader.ReadChecked("""
            name: Big_Name
            data: {train: x}
            batch: {global: many, streams: 0}
            optimizer: {lrr: 1, eps: -1}
            augment: {random_resized_crop: [a, 1]}
            """, "spec.yaml"));

        Assert.Equal(
        [
            "spec.yaml:2: data.train is not a list; write it as [{path: shards}].",
            "spec.yaml:3: batch.global is 'many'; expected a whole number from 2 to 1073741824 (2^30); a contrastive loss compares at "
            + "least two pairs.",
            "spec.yaml:4: optimizer.lrr is not a field of the spec; did you mean optimizer.lr? Known here: name, lr, beta1, beta2, eps, "
            + "weight_decay, clip_norm, warmup_steps, schedule, decay.",
            "spec.yaml:5: augment.random_resized_crop[0] is 'a'; expected a number above 0, at most 1.",
            "batch.streams is 0; use a whole number from 1 to 1073741824 (2^30).",
            "optimizer.eps is -1; use a number above 0.",
            "name is 'Big_Name'; use lower-case letters, digits and dashes, at most 63.",
        ], refused.Errors);
    }

    [Theory]
    [InlineData("data.train[0].path=other", "other")]
    [InlineData("data.train=[{path: other}]", "other")]
    [InlineData("runDirectory=other", "data/demo/train")]
    public void Read_ChangeOfListOrCamelCase_IsApplied(string change, string expected) =>
        Assert.Equal(expected, SpecReader.Read(Example, "spec.yaml", [change]).Data.Train[0].Path);

    [Theory]
    [InlineData("data.train[2].path=x", "--set data.train[2].path=x: the list has 1 entry; use [0] to [1].")]
    [InlineData("data.train[-1]=x", "--set data.train[-1]=x: the list has 1 entry; use [0] to [1].")]
    [InlineData("data.train[=x", "--set data.train[=x: the list has 1 entry; use [0] to [1].")]
    [InlineData(
        "batch..global=3",
        "--set batch..global=3: the path has an empty part or too many; write it as in optimizer.lr or data.train[0].path."
    )]
    [InlineData("name={a: [1", "--set name={a: [1: '[' is not closed by ']', or a comma is missing behind it.")]
    [InlineData("name=a\0b", "--set name=a\0b: has the character U+0000, which is not text; delete it.")]
    [InlineData("loss=many", "--set loss=many: loss is 'many'; expected softmax or sigmoid.")]
    public void Read_BrokenChange_IsOneLine(string change, string expected) =>
        Assert.Equal([expected], Assert.Throws<BadInputException>(() => SpecReader.Read(Example, "spec.yaml", [change])).Errors);

    [Fact]
    public void ReadFile_LargerThanAnySpec_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("spec.yaml");
        File.WriteAllText(file, new string('#', 1_000_001));
        Assert.StartsWith(
            file,
            Assert.Single(Assert.Throws<BadInputException>(() => SpecReader.ReadFile(file, [])).Errors),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_Underscores_GroupDigits() =>
        Assert.Equal(12_800_000_000ul, SpecReader.Read("samples: 12_800_000_000", "spec.yaml").Samples);

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
    public void ReadChecked_Mutated_IsASpecOrRefused() => Gen.ULong.Sample(
        seed =>
        {
            string text = SpecMutator.Mutate(seed);
            try
            {
                var spec = SpecReader.ReadChecked(text, "spec.yaml");
                Assert.Equal(spec, SpecReader.Read(SpecWriter.Write(spec), "written"));
            }
            catch (BadInputException refused)
            {
                Assert.NotEmpty(refused.Errors);
                Assert.All(refused.Errors, error => Assert.InRange(error.Length, 1, 2_000));
            }
        },
        iter: 1_000);

    [Fact]
    public void Mutate_OneSeed_GivesOneText() => Assert.Equal(SpecMutator.Mutate(17), SpecMutator.Mutate(17));

    [Fact]
    public void ReadFile_Missing_NamesTheAbsolutePath() =>
        Assert.Contains(
            Path.GetFullPath("nowhere.yaml"),
            Assert.Throws<BadInputException>(() => SpecReader.ReadFile("nowhere.yaml", [])).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void WrittenSpec_ReadAgain_IsEqual() =>
        Gen.Select(
                Gen.ULong,
                Gen.Double[1e-9, 10],
                Gen.UInt[1, 100000],
                Gen.Int[0, AwkwardTexts.Length - 1].Select(i => AwkwardTexts[i]),
                Gen.Bool
            )
            .Sample(
                (seed, lr, steps, path, flip) =>
                {
                    var spec = new TrainingSpec
                    {
                        Name = "demo",
                        Seed = seed,
                        Samples = seed / 2,
                        RunDirectory = path,
                        Loss = Loss.Softmax,
                        Data = new DataSpec { Train = { new SourceSpec { Path = path } } },
                        Optimizer = new OptimizerSpec
                        {
                            Lr = lr,
                            WarmupSteps = steps,
                            Name = OptimizerName.Sgd,
                        },
                        Augment = new AugmentSpec { RandomResizedCrop = { lr / 10, 1 }, Flip = flip },
                    };
                    foreach (var one in new[] { spec, SpecDefaults.Fill(spec) })
                        Assert.Equal(one, SpecReader.Read(SpecWriter.Write(one), "written"));
                }
            );
}
