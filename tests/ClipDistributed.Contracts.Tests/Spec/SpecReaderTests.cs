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

    [Fact]
    public void Read_Example_FillsEveryField()
    {
        var spec = SpecReader.Read(ExampleSpec.Text, "spec.yaml");

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
    [InlineData("name: [unclosed", "spec.yaml:1: '[' is not closed by ']', or a comma is missing after it.")]
    [InlineData("- a\n- b", "expected a mapping")]
    [InlineData("", "expected a mapping")]
    public void Read_NoMapping_SaysSo(string text, string expected) =>
        Assert.Contains(
            expected,
            Assert.Throws<BadInputException>(() => SpecReader.Read(text, "spec.yaml")).Message,
            StringComparison.Ordinal
        );

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
