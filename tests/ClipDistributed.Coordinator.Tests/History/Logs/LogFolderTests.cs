using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.History.Logs;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Tests.History.Logs;

public sealed class LogFolderTests : IDisposable
{
    private const int FileBytes = 2_000, FolderBytes = 9_000;

    private readonly TemporaryFolder run = new();
    private long sequence;

    private string Folder => new RunDirectory(run.Path).ReplicaLogs;

    [Fact]
    public async Task Append_MoreThanAFileHolds_KeepsTheNewestInTwo()
    {
        for (int i = 0; i < 200; i++)
            Append("demo-1-r1");

        Assert.Equal(["demo-1-r1.1.jsonl", "demo-1-r1.jsonl"], Names());
        Assert.All(Names(), name => Assert.InRange(new FileInfo(Path.Combine(Folder, name)).Length, 1, FileBytes + 200));
        var kept = await ReadAsync(new ReadLogsRequest());
        Assert.InRange(kept.Count, 10, 100);
        Assert.Equal(Enumerable.Range(201 - kept.Count, kept.Count).Select(one => (long)one), kept.Select(entry => entry.Sequence));
    }

    [Fact]
    public void Append_MoreThanARunMayHave_RemovesTheOldestFiles()
    {
        for (int replica = 1; replica <= 20; replica++)
        {
            for (int i = 0; i < 8; i++)
                Append($"demo-1-r{replica}");
            File.SetLastWriteTimeUtc(Path.Combine(Folder, $"demo-1-r{replica}.jsonl"), DateTime.UnixEpoch.AddSeconds(replica));
        }
        Append("demo-1-r21");
        Assert.InRange(Names().Sum(name => new FileInfo(Path.Combine(Folder, name)).Length), 1, FolderBytes);
        Assert.Contains("demo-1-r21.jsonl", Names());
        Assert.Contains("demo-1-r20.jsonl", Names());
        Assert.DoesNotContain("demo-1-r1.jsonl", Names());
    }

    [Fact]
    public async Task Append_AfterATornLine_LosesThatAlone()
    {
        Append("demo-1-r1");
        await File.AppendAllTextAsync(Path.Combine(Folder, "demo-1-r1.jsonl"), "{\"sequ", TestContext.Current.CancellationToken);
        Append("demo-1-r1");
        Assert.Equal([1L, 2], (await ReadAsync(new ReadLogsRequest())).Select(entry => entry.Sequence));
    }

    [Fact]
    public async Task Append_LinkInItsPlace_IsRefusedAndNotRead()
    {
        using var other = new TemporaryFolder();
        const string line = "{\"sequence\":\"7\",\"text\":\"secret\"}\n";
        await File.WriteAllTextAsync(other.File("secret"), line, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Folder);
        File.CreateSymbolicLink(Path.Combine(Folder, "demo-1-r1.jsonl"), other.File("secret"));
        Assert.Throws<IOException>(() => Append("demo-1-r1"));
        Assert.Empty(await ReadAsync(new ReadLogsRequest()));
    }

    [Theory]
    [InlineData("logs")]
    [InlineData("logs/replicas")]
    public async Task Append_LinkInTheFoldersPlace_IsRefusedAndNotRead(string linked)
    {
        using var other = new TemporaryFolder();
        Directory.CreateDirectory(other.File("replicas"));
        string[] theirs = [other.File("demo-1-r7.jsonl"), other.File("replicas/demo-1-r7.jsonl")];
        foreach (string file in theirs)
            await File.WriteAllTextAsync(
                file, $"{{\"sequence\":\"7\",\"text\":\"{new string('a', FolderBytes)}\"}}\n", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.GetDirectoryName(run.File(linked))!);
        Directory.CreateSymbolicLink(run.File(linked), other.Path);

        var refused = Assert.Throws<IOException>(() => Append("demo-1-r1"));

        Assert.Contains($"{Folder} leads through a symbolic link", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await ReadAsync(new ReadLogsRequest()));
        Assert.Equal(theirs.Order(), Directory.GetFiles(other.Path, "*", SearchOption.AllDirectories).Order());
    }

    [Fact]
    public void Append_MoreThanARunMayHave_KeepsFilesOfOtherNames()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "notes.jsonl"), new string('a', 2 * FolderBytes));
        File.SetLastWriteTimeUtc(Path.Combine(Folder, "notes.jsonl"), DateTime.UnixEpoch);
        Append("demo-1-r1");
        Append("demo-1-r2");
        Assert.Equal(["demo-1-r1.jsonl", "demo-1-r2.jsonl", "notes.jsonl"], Names());
    }

    [Fact]
    public async Task Read_LineOfManyMegabytes_LosesThatAlone()
    {
        Append("demo-1-r1");
        string line = $"{{\"sequence\":\"7\",\"text\":\"{new string('a', 3 << 20)}\"}}\n";
        await File.AppendAllTextAsync(Path.Combine(Folder, "demo-1-r1.jsonl"), line, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(
            Path.Combine(Folder, "demo-1-r1.jsonl"), "{\"sequence\":\"8\"}\n", TestContext.Current.CancellationToken);
        Assert.Equal([1L, 8], (await ReadAsync(new ReadLogsRequest())).Select(entry => entry.Sequence));
    }

    [Fact]
    public async Task Read_OfSomeReplica_HasItsNewestLinesAlone()
    {
        for (int i = 0; i < 6; i++)
            Append(i % 2 == 0 ? "demo-1-r1" : "demo-1-r11");
        var ofOne = await ReadAsync(new ReadLogsRequest { ReplicaId = "demo-1-r1", Lines = 2 });
        Assert.Equal([3L, 5], ofOne.Select(entry => entry.Sequence));
        Assert.Equal([6L], (await ReadAsync(new ReadLogsRequest { Text = "LINE 6" })).Select(entry => entry.Sequence));
        Assert.Equal([5L, 6], (await ReadAsync(new ReadLogsRequest { AfterSequence = 4 })).Select(entry => entry.Sequence));
        Assert.Equal([3L, 4, 5, 6], (await ReadAsync(new ReadLogsRequest { Since = At(3) })).Select(entry => entry.Sequence));
        Assert.Empty(await ReadAsync(new ReadLogsRequest { Rank = 1 }));
    }

    public void Dispose() => run.Dispose();

    private void Append(string replicaId)
    {
        sequence++;
        new LogFolder(run.Path, FileBytes, FolderBytes).Append(replicaId,
        [
            new LogEntry { Sequence = sequence, Time = At(sequence), Host = "a", ReplicaId = replicaId, Text = $"line {sequence}" },
        ]);
    }

    private static Timestamp At(long second) => DateTime.UnixEpoch.AddSeconds(second).ToTimestamp();

    private string[] Names() => [.. Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private Task<IReadOnlyList<LogEntry>> ReadAsync(ReadLogsRequest request) =>
        LogFiles.ReadAsync(run.Path, LogQuery.Of(request), TestContext.Current.CancellationToken);
}
