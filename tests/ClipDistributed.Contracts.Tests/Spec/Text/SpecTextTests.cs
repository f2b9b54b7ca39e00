using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.Text;

namespace ClipDistributed.Contracts.Tests.Spec.Text;

public sealed class SpecTextTests
{
    private const string Text = """
        # mine
        name: demo
        data:
          train:
            - path: /data/a   # the first
              caption_column: txt
            - {path: "/data/b"}
        batch: {global: 256, micro: auto}
        optimizer:
          lr: 0.1 # high
        augment: {random_resized_crop: [0.9, 1.0]}
        """;

    [Theory]
    [InlineData("name", 2)]
    [InlineData("data.train[0].path", 5)]
    [InlineData("data.train[1].path", 7)]
    [InlineData("batch.global", 8)]
    [InlineData("optimizer.lr", 10)]
    [InlineData("optimizer.beta1", 9)] // not given: the section
    [InlineData("checkpoint.keep", null)]
    public void LineOf_Field_IsWhereItStands(string path, int? line) => Assert.Equal(line, SpecText.LineOf(Text, path));

    [Theory]
    [InlineData("name", "demo")]
    [InlineData("data.train[1].path", "/data/b")]
    [InlineData("batch.global", "256")]
    [InlineData("optimizer", null)]
    [InlineData("seed", null)]
    public void ValueOf_Field_IsWhatIsWritten(string path, string? value) => Assert.Equal(value, SpecText.ValueOf(Text, path));

    [Theory]
    [InlineData("name", "other", "name: other\n")]
    [InlineData("optimizer.lr", "0.2", "  lr: 0.2 # high")]
    [InlineData("optimizer.beta1", "0.9", "  lr: 0.1 # high\n  beta1: 0.9\n")]
    [InlineData("batch.streams", "8", "{global: 256, micro: auto, streams: 8}")]
    [InlineData("data.train[0].path", "/data/with space: #1", "    - path: \"/data/with space: #1\"   # the first\n")]
    [InlineData("data.train[1].label_column", "cls", "{path: \"/data/b\", label_column: cls}")]
    [InlineData("data.validation[0].path", "/v", "validation: [{path: /v}]\nbatch:")]
    [InlineData("checkpoint.keep", "3", "1.0]}\ncheckpoint: {keep: 3}")]
    [InlineData("run_directory", "null", "run_directory: \"null\"")]
    public void Set_Field_ChangesThatAlone(string path, string value, string expected)
    {
        string changed = SpecText.Set(Text, path, value)!;
        Assert.Contains(expected, changed, StringComparison.Ordinal);
        Assert.Contains("# mine", changed, StringComparison.Ordinal);
        Assert.Equal(value, SpecText.ValueOf(changed, path));
        SpecReader.Read(changed, "spec");
    }

    [Fact]
    public void Set_Nothing_LeavesTheFieldOpen()
    {
        string changed = SpecText.Set(Text, "batch.global", "")!;
        Assert.False(SpecReader.Read(changed, "spec").Batch.HasGlobal);
        Assert.Equal(Text, SpecText.Set(Text, "seed", ""));
    }

    [Fact]
    public void Set_EmptyText_BeginsIt() => Assert.Equal("model: {preset: tiny}\n", SpecText.Set("", "model.preset", "tiny"));

    [Theory]
    [InlineData("[")]
    [InlineData("a: 1\na: 2")]
    [InlineData("- a")]
    [InlineData("name: \u0000")]
    public void Set_TextThatIsNoSpec_IsRefused(string text)
    {
        Assert.False(SpecText.IsReadable(text));
        Assert.Null(SpecText.Set(text, "name", "demo"));
    }

    [Fact]
    public void IsReadable_NestedWithoutEnd_IsRefusedInAMoment()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 200_000));
        Assert.False(SpecText.IsReadable(deep + string.Concat(Enumerable.Repeat("]", 200_000))));
    }
}
