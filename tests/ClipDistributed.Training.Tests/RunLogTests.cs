using ClipDistributed.Cli.Tests.HardInput;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training.Tests;

public sealed class RunLogTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-log-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Write_DiskFullForAWhile_WritesAllOnceThereIsRoom()
    {
        using var disk = new SmallDisk(Path.Combine(folder, "run"), "64k");
        var directory = new RunDirectory(Path.Combine(folder, "run"));
        var told = new List<ReplicaMessage>();
        using (var log = new RunLog(directory, 0, told.Add))
        {
            for (long step = 1; step <= 500; step++)
            {
                log.Write(Step(step));
                if (step == 400)
                    disk.Grow("3m");
            }
        }

        Assert.Equal(Enumerable.Range(1, 500).Select(step => (long)step), File.ReadLines(directory.Metrics).Select(ReplicaMessage.TryParse).Cast<StepMetrics>().Select(step => step.Step));
        var notices = File.ReadLines(directory.Events).Select(ReplicaMessage.TryParse).Cast<RunNotice>().ToList();
        Assert.Equal(notices, told.OfType<RunNotice>());
        Assert.Equal(2, notices.Count);
        Assert.StartsWith("Metrics and events are not written for now (", notices[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("Metrics and events are written again: ", notices[1].Text, StringComparison.Ordinal);
        Assert.Equal(401, notices[1].Step);
    }

    [Fact]
    public void Dispose_DiskStillFull_SaysHowMuchIsLost()
    {
        using var disk = new SmallDisk(Path.Combine(folder, "run"), "64k");
        var told = new List<ReplicaMessage>();
        using (var log = new RunLog(new RunDirectory(Path.Combine(folder, "run")), 0, told.Add))
        {
            for (long step = 1; step <= 400; step++)
                log.Write(Step(step));
        }

        Assert.Matches("^[0-9]+ records of metrics and events could not be written and are lost", Assert.IsType<RunNotice>(told[^1]).Text);
        Assert.All(File.ReadLines(new RunDirectory(Path.Combine(folder, "run")).Metrics), line => Assert.IsType<StepMetrics>(ReplicaMessage.TryParse(line)));
    }

    private static StepMetrics Step(long step) => new(step, 8 * step, 0, 1, 14, 1e-3, 1, "00", "00", 0.1, 80, new StepSplit(1, 2, 3, 4, 5, 6, 7, 8), true, 0);
}
