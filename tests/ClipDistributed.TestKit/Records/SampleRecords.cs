using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.TestKit.Records;

/// <summary>Records as a run might write them, for tests that look at some of their fields.</summary>
public static class SampleRecords
{
    public static StepMetrics Step(long step, double loss = 1) => new()
    {
        Step = step,
        Samples = 8 * step,
        Loss = loss,
        LogitScale = 14,
        Lr = 1e-3,
        GradNorm = 1,
        PlanDigest = "0a",
        ContentDigest = "0b",
        Seconds = 0.1,
        SamplesPerSecond = 80,
        Split = new StepSplit { Data = 1, Forward = 2, Wait = 3, Gather = 4, Loss = 5, Backward = 6, Reduce = 7, Optimizer = 8 },
        Applied = true,
    };

    public static EvaluationMetrics Evaluation(long step) =>
        new() { Step = step, Samples = 8 * step, Source = "seen", Top1 = 0.5, Top5 = 0.9, Count = 100 };

    public static RetrievalMetrics Retrieval(long step, RetrievalRecall imageToText, RetrievalRecall textToImage) => new()
    {
        Step = step,
        Samples = 8 * step,
        Source = "seen",
        Loss = 4.25,
        ImageToText = imageToText,
        TextToImage = textToImage,
        Count = 1000,
        Damaged = 1,
    };

    public static RetrievalRecall Recall(double at1, double at5, double at10) => new() { At1 = at1, At5 = at5, At10 = at10 };

    public static RunStarted Started(int attempt, long step, long steps, int replicas = 1) => new()
    {
        Attempt = attempt,
        Step = step,
        Steps = steps,
        Parameters = 712345,
        GlobalBatch = 512,
        MicroBatch = 256,
        Threads = 2,
        Replicas = replicas,
    };
}
