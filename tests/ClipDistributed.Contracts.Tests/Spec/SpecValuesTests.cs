using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Contracts.Tests.Spec;

public sealed class SpecValuesTests
{
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
    [InlineData("augment: {flip: True}")]
    [InlineData("augment: {flip: TRUE}")]
    [InlineData("{\"augment\": {\"flip\": true}}")]
    public void Read_TruthOfTheCoreSchema_IsTaken(string text) => Assert.True(SpecReader.Read(text, "spec.yaml").Augment.Flip);

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
}
