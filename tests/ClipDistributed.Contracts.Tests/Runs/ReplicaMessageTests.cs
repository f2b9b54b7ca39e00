using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Contracts.Tests.Runs;

public sealed class ReplicaMessageTests
{
    private static readonly StepMetrics Step = new(
        3,
        24,
        0,
        2.5,
        14.28,
        1e-3,
        7.1,
        "0a",
        "0b",
        0.25,
        32,
        new StepSplit(0.01, 0.1, 0.03, 0.04, 0.02, 0.1, 0.05, 0.01),
        true,
        0
    );

    [Fact]
    public void ToJson_EveryKind_IsReadBack()
    {
        ReplicaMessage[] messages =
        [
            new RunStarted(1, 0, 10, 100, 8, 4, 2, 3),
            Step,
            new EvaluationMetrics(3, 24, "seen", 0.5, 0.9, 100, 2),
            new RetrievalMetrics(3, 24, "seen", 2.5, new RetrievalRecall(0.1, 0.2, 0.3), new RetrievalRecall(0.4, 0.5, 0.6), 100, 2),
            new EmbeddingsWritten("/x/e.parquet", 1, 2, 3, 4),
            new MemoryUsed(2, 3),
            new CheckpointSaved(3, "/x", 0.1, 2),
            new CheckpointSent(3, "s3://x/y", 4, 2),
            new RunNotice(3, "text"),
            new RunEnded(3, true, 5),
        ];
        foreach (var message in messages)
            Assert.Equal(message, ReplicaMessage.TryParse(message.ToJson()));
    }

    [Fact]
    public void ToJson_LossThatIsNotANumber_IsReadBack() =>
        Assert.Equal(double.NaN, ((StepMetrics)ReplicaMessage.TryParse((Step with { Loss = double.NaN }).ToJson())!).Loss);

    [Fact]
    public void ToJson_Step_HasTheNamesThatReadersKnow() =>
        Assert.StartsWith(
            """{"kind":"step","step":3,"samples":24,"epoch":0,"loss":2.5,"logit_scale":14.28,"lr":0.001,"grad_norm":7.1,"plan_digest":"0a",""",
            Step.ToJson(),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("")]
    [InlineData("a library's own print")]
    [InlineData("""{"kind":"step","step":3,"sam""")]
    [InlineData("""{"kind":"unknown"}""")]
    [InlineData("{}")]
    public void TryParse_NoMessage_IsNull(string line) => Assert.Null(ReplicaMessage.TryParse(line));
}
