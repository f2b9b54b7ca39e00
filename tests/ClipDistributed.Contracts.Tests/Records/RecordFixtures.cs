using ClipDistributed.Contracts.Run.V1;
using Google.Protobuf.WellKnownTypes;
using static ClipDistributed.TestKit.Records.SampleRecords;

namespace ClipDistributed.Contracts.Tests.Records;

/// <summary>Lines of run files as they were written while records were C# types, and the records that they hold.</summary>
internal static class RecordFixtures
{
    private const string Host = "höst+b", Version = "0.1.0+4f3a";

    private static readonly DateTimeOffset Opened = new(2026, 11, 30, 3, 4, 3, 21, TimeSpan.Zero);

    private static readonly StepSplit Split = new()
    {
        Data = 0.01, Forward = 0.1, Wait = 0.03, Gather = 0.04, Loss = 0.02, Backward = 0.1, Reduce = 0.05, Optimizer = 1.0 / 3,
    };

    public static string[] Lines(string file) =>
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "fixtures", "cases", "runs", "records", file));

    /// <summary>Of every-kind.jsonl, in its order.</summary>
    public static IReadOnlyList<RunRecord> EveryKind =>
    [
        .. Whole.Select((record, i) => new RunRecord(record)
        {
            Time = Opened.AddSeconds(i + 1).ToTimestamp(),
            Host = Host,
            Version = Version,
        }),
    ];

    /// <summary>Of without-optional.jsonl, in its order.</summary>
    public static IReadOnlyList<RunRecord> WithoutOptional =>
    [
        new() { Started = new RunStarted() },
        new() { Step = BareStep },
        new() { Evaluation = new EvaluationMetrics { Step = 3, Samples = 24, Source = "seen", Top1 = 0.5, Count = 100, Damaged = 2 } },
        new() { Retrieval = BareRetrieval },
        new() { MemoryPlanned = new MemoryPlanned() },
        new()
        {
            Incident = new IncidentRecorded
            {
                Number = 7,
                What = "coordinator",
                Opened = new DateTimeOffset(2026, 11, 30, 3, 4, 3, TimeSpan.Zero).ToTimestamp(),
            },
        },
        new() { Refused = new InputRefused() },
        new() { Ended = new RunEnded { Step = 9, Seconds = 5 } },
        new() { Notice = new RunNotice() },
    ];

    /// <summary>Without what was added when they were written down.</summary>
    public static IReadOnlyList<RunRecord> Whole =>
    [
        new()
        {
            Started = new RunStarted
            {
                Attempt = 2, Step = 120, Steps = 9_000_000_000, Parameters = 151_277_313, GlobalBatch = 32768, MicroBatch = 256,
                Threads = 16, Replicas = 8,
            },
        },
        new() { Step = WholeStep },
        new() { Step = StepWithoutNumbers },
        new()
        {
            Evaluation = new EvaluationMetrics
            {
                Step = 3, Samples = 24, Source = "seen", Top1 = 0.5, Top5 = 0.9, Count = 100, Damaged = 2, Classes = 96,
            },
        },
        new() { Retrieval = new RetrievalMetrics(BareRetrieval) { ImageToText = Recall(0.1, 0.2, 0.3), Images = 90 } },
        new()
        {
            Checkpoint = new CheckpointSaved
            {
                Step = 3, Path = "/x/größe/attempt-01/step-00000003", HeldSeconds = 0.1, WriteSeconds = 2,
            },
        },
        new() { CheckpointSent = new CheckpointSent { Step = 3, Path = "s3://x/y+z", Bytes = 5_000_000_000, Seconds = 2.75 } },
        new()
        {
            MemoryPlanned = new MemoryPlanned
            {
                Parts = { Part("parameters", 4_000_000_000), Part("<activations> & more", 7) },
                Bytes = 4_000_000_007,
                AvailableBytes = 8_000_000_000,
            },
        },
        new() { MemoryUsed = new MemoryUsed { PlannedBytes = 4_000_000_007, PeakBytes = 3_999_999_999 } },
        new()
        {
            Notice = new RunNotice
            {
                Step = -1, Text = "two\nlines, \"quoted\" \u2028 'and' <b>größe</b> \U0001F600 \\ /\t\u0001+",
            },
        },
        new() { Request = new RequestReceived { Step = 4, Request = "drain host b", By = "ann@there (10.0.0.7)" } },
        new() { Incident = WholeIncident },
        new() { Ended = new RunEnded { Step = 9, Finished = true, Seconds = 5 } },
        new() { Failed = new RunFailed { Text = "no space on /x" } },
        new() { Refused = new InputRefused { Errors = { "one", "two: größe" } } },
    ];

    private static StepMetrics BareStep => new()
    {
        Step = 3, Samples = 24, Loss = 2.5, LogitScale = 14.28, GradNorm = 7.1, PlanDigest = "0a", ContentDigest = "0b", Seconds = 0.25,
        SamplesPerSecond = 32, Split = Split, Applied = true,
    };

    private static StepMetrics WholeStep => new()
    {
        Step = 3, Samples = 12_884_901_888, Epoch = 1, Loss = 2.5, LogitScale = 14.285714285714286, Lr = 1e-3, GradNorm = 7.1,
        PlanDigest = "0a1b", ContentDigest = "0c2d", Seconds = 0.25, SamplesPerSecond = 131072, Split = Split, Applied = true, Replaced = 2,
        Pipeline = new PipelineWaits { Reading = 0.125, Decoding = 1e-9, Step = 3 },
    };

    private static StepMetrics StepWithoutNumbers => new()
    {
        Step = 4, Samples = 32, Loss = double.NaN, LogitScale = double.PositiveInfinity, GradNorm = double.NegativeInfinity, Seconds = 1e21,
        SamplesPerSecond = 1e-7, Split = Split,
        Pipeline = new PipelineWaits { Reading = -0.0, Decoding = double.Epsilon, Step = double.MaxValue },
    };

    private static RetrievalMetrics BareRetrieval => new()
    {
        Step = 3, Samples = 24, Source = "seen", Loss = 2.5, ImageToText = Recall(0, 0, 0), TextToImage = Recall(0.4, 0.5, 1), Count = 100,
        Damaged = 2,
    };

    private static IncidentRecorded WholeIncident => new()
    {
        Number = 7,
        What = "host lost",
        Opened = Opened.ToTimestamp(),
        Closed = Opened.AddTicks(1234567).ToTimestamp(),
        Evidence = "host b was lost",
        Action = "generation 3 with 3 replicas after step 12",
        Hosts = { "a", "b" },
        SecondsLost = 4.5,
        StepsRecomputed = 2,
        UsefulSeconds = 100.25,
        WallSeconds = 130,
    };

    private static MemoryPart Part(string name, long bytes) => new() { Name = name, Bytes = bytes };
}
