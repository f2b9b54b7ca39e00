using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Records;
using ClipDistributed.Training.Logs;

namespace ClipDistributed.Training.Tests.Logs;

public sealed class MetricsTailTests : IDisposable
{
    private const int Steps = 600; // 250 KB: several windows

    private readonly string path = Path.Combine(Directory.CreateTempSubdirectory("clipd-metrics-").FullName, "metrics.jsonl");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(299)]
    [InlineData(300)]
    [InlineData(301)]
    [InlineData(600)]
    [InlineData(1000)]
    public void Read_EveryThirdStepEvaluated_EndsBehindThatStep(long step)
    {
        RunRecord[] lines = [.. Enumerable.Range(1, Steps).SelectMany(Lines)];
        Write(lines);
        var kept = lines.TakeWhile(line => StepOf(line) <= step).ToList();
        var tail = MetricsTail.Read(path, step);
        Assert.Equal(Encoding.UTF8.GetByteCount(Text(kept)), tail.End);
        Assert.Equal(
            kept.Where(line => StepOf(line) == Math.Min(step, Steps)).Select(line => line.ToJson()),
            tail.Lines.Select(line => line.ToJson())
        );
    }

    [Fact]
    public void Read_TornLine_IsNoLine()
    {
        Write(Lines(1));
        File.AppendAllText(path, Lines(2)[0].ToJson()[..^3]);
        var tail = MetricsTail.Read(path, 5);
        Assert.Equal(Encoding.UTF8.GetByteCount(Text(Lines(1))), tail.End);
        Assert.Equal(1, Assert.Single(tail.Lines).Step.Step);
    }

    /// <summary>The replica that had to record the step was lost, and an evaluation of it was not.</summary>
    [Fact]
    public void Read_EvaluationBehindAnEarlierStep_IsAmongTheLines()
    {
        Write([.. Lines(1), Evaluation(3)]);
        Assert.Equal([1, 3], MetricsTail.Read(path, 3).Lines.Select(StepOf));
    }

    [Fact]
    public void Read_SparseFileOfATerabyte_IsRefusedWithItsName()
    {
        Write(Lines(1));
        SpecialFiles.Stretch(path, 1L << 40);
        Assert.StartsWith(
            $"{path} is damaged",
            Assert.Throws<BadInputException>(() => MetricsTail.Read(path, 5)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_Folder_IsRefusedWithItsName()
    {
        Directory.CreateDirectory(path);
        Assert.StartsWith(
            $"{path} is a folder",
            Assert.ThrowsAny<IOException>(() => MetricsTail.Read(path, 5)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_NoFile_IsEmpty() => Assert.Equal(0, MetricsTail.Read(path, 5).End);

    private void Write(IEnumerable<RunRecord> lines) => File.WriteAllText(path, Text(lines));

    private static string Text(IEnumerable<RunRecord> lines) => string.Concat(lines.Select(line => line.ToJson() + "\n"));

    private static RunRecord[] Lines(int step) => step % 3 == 0 ? [Step(step), Evaluation(step)] : [Step(step)];

    private static long StepOf(RunRecord line) => line.Step?.Step ?? line.Evaluation.Step;

    private static RunRecord Step(long step) => new() { Step = SampleRecords.Step(step) };

    private static RunRecord Evaluation(long step) => new() { Evaluation = SampleRecords.Evaluation(step) };
}
