using System.Text.Json;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Mutations;
using CsCheck;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Contracts.Tests.Records;

public sealed class RunRecordJsonTests
{
    private static readonly string[] OwnNames = ["kind", "sequence", "time", "host", "version"];

    [Fact]
    public void TryParse_LinesOfFormerPrograms_AreReadWhole()
    {
        Assert.Equal(RecordFixtures.EveryKind, RecordFixtures.Lines("every-kind.jsonl").Select(RunRecordJson.TryParse));
        Assert.Equal(RecordFixtures.WithoutOptional, RecordFixtures.Lines("without-optional.jsonl").Select(RunRecordJson.TryParse));
    }

    /// <summary>The names that readers know, the order and the escapes: byte by byte what former programs wrote.</summary>
    [Fact]
    public void ToJson_SameValues_IsTheLineOfFormerPrograms()
    {
        Assert.Equal(RecordFixtures.Lines("every-kind.jsonl"), RecordFixtures.EveryKind.Select(record => record.ToJson()));
        Assert.Equal(RecordFixtures.Lines("without-optional.jsonl"), RecordFixtures.WithoutOptional.Select(record => record.ToJson()));
    }

    [Fact]
    public void TryParse_OlderForms_LackWhatCameLater()
    {
        var read = RecordFixtures.Lines("older-forms.jsonl").Select(line => RunRecordJson.TryParse(line)!).ToList();
        Assert.Equal((60L, 1, 0), (read[0].Started.Steps, read[0].Started.Threads, read[0].Started.Replicas));
        Assert.Equal((4.25, 0.3, 0.0), (read[1].Step.Loss, read[1].Step.Split.Forward, read[1].Step.Split.Gather));
        Assert.Null(read[1].Step.Pipeline);
        Assert.Equal((0.9, false, null), (read[2].Evaluation.Top5, read[2].Evaluation.HasClasses, read[2].Evaluation.Chance));
        Assert.Equal((10L, 0.0), (read[3].Checkpoint.Step, read[3].Checkpoint.HeldSeconds)); // seconds is not a name any more
        Assert.Equal(("Row 3 is damaged.", "a", false), (read[4].Notice.Text, read[4].Host, read[4].HasVersion));
        Assert.Equal(new DateTimeOffset(2026, 11, 30, 3, 4, 13, TimeSpan.Zero), read[4].Time.ToDateTimeOffset());
    }

    [Fact]
    public void Fixtures_EveryCaseAndField_IsThere()
    {
        var found = RecordFixtures.Whole.Select(record => (int)record.RecordCase).ToHashSet();
        var cases = RunRecord.Descriptor.Oneofs[0].Fields;
        Assert.Equal([], cases.Where(one => !found.Contains(one.FieldNumber)).Select(one => one.Name));
        foreach (var one in cases)
            Assert.Equal([], one.MessageType.Fields.InDeclarationOrder().Select(field => field.Name).Intersect(OwnNames));
    }

    [Fact]
    public void Stamped_AnyRecord_CarriesTimeHostAndVersion()
    {
        var time = new DateTimeOffset(2026, 11, 30, 5, 4, 3, 21, TimeSpan.FromHours(2));
        foreach (var record in RecordFixtures.Whole)
        {
            string json = record.Stamped(time, "host b").ToJson();
            using var line = JsonDocument.Parse(json);
            Assert.Equal(
                ["2026-11-30T03:04:03.021Z", "host b", ProgramVersion.Text],
                OwnNames[2..].Select(name => line.RootElement.GetProperty(name).GetString())
            );
            var expected = new RunRecord(record) { Time = time.ToTimestamp(), Host = "host b", Version = ProgramVersion.Text };
            Assert.Equal(expected, RunRecordJson.TryParse(json));
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-0.0)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(1e20)]
    [InlineData(0.1)]
    public void TryParse_Double_HasEveryBit(double value) => AssertSameBits(value);

    [Fact]
    public void TryParse_AnyDouble_HasEveryBit() => Gen.Double.Sample(AssertSameBits);

    [Theory]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-1", -1L)]
    [InlineData("3.0", 3L)] // as tables of doubles are written
    [InlineData("1e3", 1000L)]
    public void TryParse_WholeNumber_IsExact(string number, long expected) =>
        Assert.Equal(expected, RunRecordJson.TryParse($$"""{"kind":"notice","step":{{number}},"text":"a"}""")!.Notice.Step);

    [Fact]
    public void TryParse_KindAfterOtherFields_IsFound() =>
        Assert.Equal(
            NoticeRecord.Of(3, "a"), RunRecordJson.TryParse("""{"later":{"kind":"step"},"text":"a","step":3,"kind":"notice"}"""));

    [Fact]
    public void TryParse_UnknownFields_AreIgnored() =>
        Assert.Equal(
            NoticeRecord.Of(3, "a"),
            RunRecordJson.TryParse(
                """{"kind":"notice","step":3,"remark":null,"list":[1,{"text":"b"}],"text":"a","\u0073tep":4,"notice":{}}"""));

    [Theory]
    [InlineData("")]
    [InlineData("a library's own print")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"kind":"rebalanced"}""")]
    [InlineData("""{"kind":7}""")]
    [InlineData("""{"kind":"time"}""")]
    [InlineData("""{"kind":"notice","step":3,"te""")]
    [InlineData("""{"kind":"notice","step":3,"text":"a"} and more""")]
    [InlineData("""{"kind":"notice","step":"3","text":"a"}""")]
    [InlineData("""{"kind":"notice","step":3.5,"text":"a"}""")]
    [InlineData("""{"kind":"notice","step":9223372036854775808,"text":"a"}""")]
    [InlineData("""{"kind":"notice","step":null,"text":"a"}""")]
    [InlineData("""{"kind":"notice","step":3,"text":["a"]}""")]
    [InlineData("""{"kind":"notice","step":3,"text":"\ud800"}""")]
    [InlineData("""{"kind":"step","loss":"large"}""")]
    [InlineData("""{"kind":"step","loss":null}""")]
    [InlineData("""{"kind":"step","epoch":2147483648}""")]
    [InlineData("""{"kind":"step","applied":1}""")]
    [InlineData("""{"kind":"step","split":[]}""")]
    [InlineData("""{"kind":"refused","errors":"one"}""")]
    [InlineData("""{"kind":"refused","errors":[null]}""")]
    [InlineData("""{"kind":"incident","opened":"noon"}""")]
    public void TryParse_NoRecord_IsNull(string line) => Assert.Null(RunRecordJson.TryParse(line));

    [Theory]
    [InlineData("\"time\":\"noon\"")]
    [InlineData("\"time\":7")]
    [InlineData("\"time\":null")]
    [InlineData("\"time\":\"2026-11-30T03:04:03Z\",\"host\":7")]
    public void TryParse_DamagedTimeOrHost_KeepsWhatHappened(string end) =>
        Assert.Equal(NoticeRecord.Of(3, "a"), RunRecordJson.TryParse($$"""{"kind":"notice","step":3,"text":"a",{{end}}}"""));

    [Fact]
    public void TryParse_AnyDamage_IsARecordOrNone() =>
        DamagedText.Of(string.Join('\n', RecordFixtures.Lines("every-kind.jsonl"))).Sample(damaged =>
        {
            foreach (string line in System.Text.Encoding.UTF8.GetString(damaged).Split('\n'))
            {
                if (RunRecordJson.TryParse(line) is { } read)
                    Assert.NotEqual(RunRecord.RecordOneofCase.None, read.RecordCase);
            }
        }, iter: 1000, threads: 1);

    private static void AssertSameBits(double value)
    {
        var back = RunRecordJson.TryParse(new RunRecord { Step = new StepMetrics { Loss = value } }.ToJson())!.Step;
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(back.Loss));
    }
}
