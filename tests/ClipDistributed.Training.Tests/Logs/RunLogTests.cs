using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;
using ClipDistributed.TestKit.Records;
using ClipDistributed.Training.Logs;

namespace ClipDistributed.Training.Tests.Logs;

public sealed class RunLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunDirectory directory;
    private readonly List<RunRecord> records = [];

    public RunLogTests() => directory = new RunDirectory(Path.Combine(folder.Path, "run"));

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("metrics.jsonl")]
    [InlineData("events.jsonl")]
    [InlineData("tensorboard/events.out.tfevents.000000")]
    public void Write_LinkInItsPlace_WritesNothingWhereItLeads(string name)
    {
        string target = folder.File("passwd"), link = Path.Combine(directory.Root, name);
        File.WriteAllText(target, "not yours");
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, target);
        using var writeLock = RunDirectoryLock.Take(directory);
        using (var log = new RunLog(directory, 0, records.Add, writeLock))
            log.Write(Step(1));
        Assert.Equal("not yours", File.ReadAllText(target));
    }

    [Fact]
    public void Write_AnyMessage_CarriesTimeHostAndVersion()
    {
        using var writeLock = RunDirectoryLock.Take(directory);
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        using (var log = new RunLog(directory, 0, records.Add, writeLock, host: "b"))
        {
            log.Write(Step(1));
            log.Write(NoticeRecord.Of(1, "something"));
        }
        foreach (string file in new[] { directory.Metrics, directory.Events })
        {
            var line = RunRecordJson.TryParse(Assert.Single(File.ReadLines(file)))!;
            Assert.InRange(line.Time.ToDateTimeOffset(), before, DateTimeOffset.UtcNow);
            Assert.Equal(("b", ClipDistributed.Contracts.Processes.ProgramVersion.Text), (line.Host, line.Version));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)] // a generation begins on the full disk
    public void Write_DiskFullForAWhile_WritesAllOnceThereIsRoom(int since)
    {
        using var disk = new SmallDisk(directory.Root, "64k");
        using var writeLock = RunDirectoryLock.Take(directory);
        using (var former = new RunLog(directory, 0, records.Add, writeLock))
        {
            for (int step = 1; step <= since; step++)
                former.Write(Step(step));
        }
        if (since > 0)
            disk.Fill();
        records.Clear();
        using (var log = new RunLog(directory, since, records.Add, writeLock))
        {
            for (int step = since + 1; step <= 500; step++)
            {
                log.Write(Step(step));
                if (step == 400)
                    disk.Grow("3m");
            }
        }

        Assert.Equal(Enumerable.Range(1, 500).Select(step => (long)step), Written());
        var notices = File.ReadLines(directory.Events).Select(line => RunRecordJson.TryParse(line)!.Notice).ToList();
        Assert.Equal(notices, records.Select(record => record.Notice).OfType<RunNotice>());
        Assert.Equal(2, notices.Count);
        Assert.StartsWith("Metrics and events are not written for now (", notices[0].Text, StringComparison.Ordinal);
        Assert.Matches("^Metrics and events are written again: [0-9]+ records had waited in memory for [0-9]+ s\\.$", notices[1].Text);
    }

    [Fact]
    public void Write_StepsThatAreDoneAgain_StandOnce()
    {
        using var writeLock = RunDirectoryLock.Take(directory);
        foreach (int applied in new[] { 0, 3, 1 })
        {
            using var log = new RunLog(directory, applied, records.Add, writeLock);
            for (int step = applied + 1; step <= applied + 4; step++)
                log.Write(Step(step));
        }
        Assert.Equal([1, 2, 3, 4, 5], Written());
    }

    [Fact]
    public void Dispose_DiskStillFull_ReportsTheNumberMissing()
    {
        using var disk = new SmallDisk(directory.Root, "64k");
        using var writeLock = RunDirectoryLock.Take(directory);
        using (var log = new RunLog(directory, 0, records.Add, writeLock))
        {
            for (int step = 1; step <= 400; step++)
                log.Write(Step(step));
        }

        Assert.Matches(
            "^[0-9]+ records of metrics and events could not be written and are missing in ",
            records[^1].Notice.Text
        );
        Assert.All(File.ReadLines(directory.Metrics), line => Assert.NotNull(RunRecordJson.TryParse(line)?.Step));
    }

    [Fact]
    public void Write_ALaterGenerationWrites_LeavesItsFilesAlone()
    {
        using var writeLock = RunDirectoryLock.Take(directory, claim: new WriterClaim("demo-1", 1, 1));
        using var log = new RunLog(directory, appliedStep: 0, records.Add, writeLock);
        for (int step = 1; step <= 5; step++)
            log.Write(Step(step));
        using var later = RunDirectoryLock.Take(directory, claim: new WriterClaim("demo-1", 2, 2));
        using var laterLog = new RunLog(directory, appliedStep: 3, records.Add, later);
        laterLog.Write(Step(4));
        log.Write(Step(6));
        laterLog.Write(Step(5));
        Assert.Equal([1, 2, 3, 4, 5], Written());
    }

    private IEnumerable<long> Written() =>
        File.ReadLines(directory.Metrics)
            .Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>().Select(step => step.Step);

    private static RunRecord Step(long step) => new() { Step = SampleRecords.Step(step) };
}
