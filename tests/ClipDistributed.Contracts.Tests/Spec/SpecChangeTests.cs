using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;

namespace ClipDistributed.Contracts.Tests.Spec;

/// <summary><c>--set path=value</c></summary>
public sealed class SpecChangeTests
{
    [Fact]
    public void Read_Changes_OverrideAndCreate()
    {
        var spec = SpecReader.Read(
            ExampleSpec.Text,
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
            Assert.Throws<BadInputException>(() => SpecReader.Read(ExampleSpec.Text, "spec.yaml", [change])).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("data.train[0].path=other", "other")]
    [InlineData("data.train=[{path: other}]", "other")]
    [InlineData("runDirectory=other", "data/demo/train")]
    public void Read_ChangeOfListOrCamelCase_IsApplied(string change, string expected) =>
        Assert.Equal(expected, SpecReader.Read(ExampleSpec.Text, "spec.yaml", [change]).Data.Train[0].Path);

    [Theory]
    [InlineData("data.train[2].path=x", "--set data.train[2].path=x: the list has 1 entry; use [0] to [1].")]
    [InlineData("data.train[-1]=x", "--set data.train[-1]=x: the list has 1 entry; use [0] to [1].")]
    [InlineData("data.train[=x", "--set data.train[=x: the list has 1 entry; use [0] to [1].")]
    [InlineData(
        "batch..global=3",
        "--set batch..global=3: the path has an empty part or too many; write it as in optimizer.lr or data.train[0].path."
    )]
    [InlineData("name={a: [1", "--set name={a: [1: '[' is not closed by ']', or a comma is missing after it.")]
    [InlineData("name=a\0b", "--set name=a\0b: has the character U+0000, which is not text; delete it.")]
    [InlineData("loss=many", "--set loss=many: loss is 'many'; expected softmax or sigmoid.")]
    public void Read_BrokenChange_IsOneLine(string change, string expected) =>
        Assert.Equal([expected], Assert.Throws<BadInputException>(() => SpecReader.Read(ExampleSpec.Text, "spec.yaml", [change])).Errors);
}
