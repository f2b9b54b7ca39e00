using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Contracts.Tests.Records;

public sealed class ReplicaOutputJsonTests
{
    private static readonly ReplicaOutput[] Outputs =
    [
        new() { Row = new RowBegun { Count = 3 } },
        new()
        {
            Classified = new ImageClassified { Image = "/x/a+b.png", Labels = { "red circle", "größe" }, Probabilities = { 0.75, 0.25 } },
        },
        new() { Classified = new ImageClassified { Image = "a.png" } },
        new() { Embedded = new EmbeddingsWritten { Path = "/x/e.parquet", Images = 5_000_000_000, Texts = 2, Width = 512, Damaged = 4 } },
        new() { Record = NoticeRecord.Of(0, "left out: /x/b.png") },
    ];

    [Fact]
    public void TryParse_LinesOfFormerPrograms_AreReadWhole() =>
        Assert.Equal(Outputs, RecordFixtures.Lines("replica-output.jsonl").Select(ReplicaOutputJson.TryParse));

    [Fact]
    public void ToJson_SameValues_IsTheLineOfFormerPrograms() =>
        Assert.Equal(RecordFixtures.Lines("replica-output.jsonl"), Outputs.Select(output => output.ToJson()));

    [Theory]
    [InlineData("a library's own print")]
    [InlineData("""{"kind":"unknown"}""")]
    [InlineData("{\"kind\":\"row\",\"count\":")]
    public void TryParse_NoOutput_IsNull(string line) => Assert.Null(ReplicaOutputJson.TryParse(line));
}
