using ClipDistributed.Contracts.Runs;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Contracts.Tests.Runs;

public sealed class RunRecordsTests
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
    public void Parse_EveryKind_IsWhatWasSent()
    {
        ReplicaMessage[] messages =
        [
            new RunStarted(1, 0, 10, 100, 8, 4, 2, 3),
            Step,
            new EvaluationMetrics(3, 24, "seen", 0.5, 0.9, 100, 2),
            new RetrievalMetrics(3, 24, "seen", 2.5, new RetrievalRecall(0.1, 0.2, 0.3), new RetrievalRecall(0.4, 0.5, 0.6), 100, 2),
            new CheckpointSaved(3, "/x/größe", 0.1, 2),
            new RunNotice(3, "two\nlines, \"quoted\" \u2028"),
            new RunEnded(3, true, 5),
            new RunFailed("no space"),
        ];
        foreach (var message in messages)
            Assert.Equal(message, OverTheWire(message));
        Assert.Equal(["one", "two"], Assert.IsType<InputRefused>(OverTheWire(new InputRefused(["one", "two"]))).Errors);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-0.0)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(3.0)]
    [InlineData(1e20)]
    [InlineData(0.1)]
    public void Parse_Double_HasEveryBit(double value) => AssertSameBits(value);

    [Fact]
    public void Parse_AnyDouble_HasEveryBit() => Gen.Double.Sample(AssertSameBits);

    [Theory]
    [InlineData(0)]
    [InlineData(999_999_999_999_999)]
    [InlineData(1_000_000_000_000_000)]
    [InlineData((1L << 53) - 1)]
    [InlineData(1L << 53)]
    public void Parse_LargeCount_IsExact(long samples) =>
        Assert.Equal(samples, Assert.IsType<StepMetrics>(OverTheWire(Step with { Samples = samples })).Samples);

    [Fact]
    public void Parse_KindBehindOtherFields_IsFound()
    {
        var shuffled = new Struct();
        foreach (var (name, value) in RunRecords.ToStruct(Step).Fields.Reverse())
            shuffled.Fields.Add(name, value);
        Assert.Equal(Step, RunRecords.Parse(shuffled));
    }

    [Fact]
    public void Parse_NullAndUnknownFields_AreNoObstacle()
    {
        var record = RunRecords.ToStruct(new RunFailed("text"));
        record.Fields["remark"] = Value.ForNull();
        record.Fields["list"] = Value.ForList(Value.ForNumber(1), Value.ForBool(false), Value.ForStruct(new Struct()));
        Assert.Equal(new RunFailed("text"), RunRecords.Parse(record));
        record.Fields["text"] = Value.ForNull();
        Assert.Null(Assert.IsType<RunFailed>(RunRecords.Parse(record)).Text);
    }

    [Fact]
    public void Parse_UnknownKind_IsNull()
    {
        Assert.Null(RunRecords.Parse(new Struct()));
        Assert.Null(RunRecords.Parse(new Struct { Fields = { ["kind"] = Value.ForString("rebalanced") } }));
    }

    private static void AssertSameBits(double value)
    {
        var back = Assert.IsType<StepMetrics>(OverTheWire(Step with { Loss = value }));
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(back.Loss));
    }

    private static ReplicaMessage? OverTheWire(ReplicaMessage message) =>
        RunRecords.Parse(Struct.Parser.ParseFrom(RunRecords.ToStruct(message).ToByteArray()));
}
