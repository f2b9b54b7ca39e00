using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Tests;

namespace ClipDistributed.Training.Tests;

public sealed class RunLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunDirectory directory;
    private readonly List<ReplicaMessage> told = [];

    public RunLogTests() => directory = new RunDirectory(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_TheDiskTakesNothing_LinesWaitAndComeInOrder()
    {
        using var taken = RunDirectoryLock.Take(directory);
        using (var log = new RunLog(directory, appliedStep: 0, told.Add, taken))
        {
            log.Write(Step(1));
            Lose();
            log.Write(Step(2));
            log.Write(new RunNotice(2, "something happened"));
            log.Write(Step(3));
            Assert.Equal([1], Written());
            Assert.Equal(1, told.Count(message => message is RunNotice { Text: var text } && text.StartsWith("Metrics and events are not written for now (", StringComparison.Ordinal)));
            Find();
        }
        Assert.Equal([1, 2, 3], Written());
        Assert.Equal(["something happened"], File.ReadLines(directory.Events).Select(ReplicaMessage.TryParse).OfType<RunNotice>().Select(notice => notice.Text));
        Assert.Equal("Metrics and events are written again, 3 lines that waited among them.", told.OfType<RunNotice>().Last().Text);
    }

    [Fact]
    public void Dispose_TheDiskTakesNothing_SaysWhatIsMissing()
    {
        using var taken = RunDirectoryLock.Take(directory);
        using (var log = new RunLog(directory, appliedStep: 0, told.Add, taken))
        {
            log.Write(Step(1));
            Lose();
            log.Write(Step(2));
            log.Write(Step(3));
        }
        Assert.Equal($"2 lines of metrics and events are missing in {directory.Root}.", told.OfType<RunNotice>().Last().Text);
        Find();
    }

    [Fact]
    public void Write_ALaterGenerationWrites_LeavesItsFilesAlone()
    {
        using var taken = RunDirectoryLock.Take(directory, claim: new WriterClaim("demo-1", 1, 1));
        using var log = new RunLog(directory, appliedStep: 0, told.Add, taken);
        for (int step = 1; step <= 5; step++)
            log.Write(Step(step));
        using var later = RunDirectoryLock.Take(directory, TimeSpan.FromMilliseconds(1), new WriterClaim("demo-1", 2, 2));
        using var laterLog = new RunLog(directory, appliedStep: 3, told.Add, later);
        laterLog.Write(Step(4));
        log.Write(Step(6));
        laterLog.Write(Step(5));
        Assert.Equal([1, 2, 3, 4, 5], Written());
    }

    /// <summary>As far as a writer sees, the disk is away.</summary>
    private void Lose() => File.Move(directory.Writer, directory.Writer + "-away");

    private void Find() => File.Move(directory.Writer + "-away", directory.Writer);

    private IEnumerable<long> Written() => File.ReadLines(directory.Metrics).Select(ReplicaMessage.TryParse).OfType<StepMetrics>().Select(step => step.Step);

    private static StepMetrics Step(long step) => new(step, 8 * step, 0, 1, 14, 1e-3, 1, "00", "00", 1, 8, new StepSplit(0, 1, 0, 0, 0, 0, 0, 0), true, 0);
}
