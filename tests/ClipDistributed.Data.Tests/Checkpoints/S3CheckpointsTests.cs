using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.TestKit.ObjectStores;

namespace ClipDistributed.Data.Tests.Checkpoints;

public sealed partial class S3CheckpointsTests : IAsyncLifetime
{
    private const int LargeParts = 12, PartBytes = 64 << 10;

    private readonly TemporaryFolder folder = new();
    private S3Server server = null!;

    public async ValueTask InitializeAsync() => server = await S3Server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public void Upload_SmallAndLargeFiles_AreListedVerifiedAndComeBack()
    {
        var place = server.Checkpoints();
        var local = Local(1, 20);
        long bytes = local.Bytes - new FileInfo(Path.Combine(local.Path, CheckpointFiles.FileName)).Length;

        Assert.Equal(bytes, place.Upload(local));

        var found = Assert.Single(place.List());
        Assert.Equal(
            (1, 20, $"s3://{server.Bucket}/runs/demo/attempt-01/step-00000020", local.Bytes),
            (found.Attempt, found.Step, found.Path, found.Bytes)
        );
        Assert.Null(place.FindDamage(found));
        place.Download(found, folder.File("back"));
        foreach (string file in Directory.EnumerateFiles(local.Path))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(folder.File($"back/{Path.GetFileName(file)}")));
        Assert.Equal(Directory.GetFiles(local.Path).Length, Directory.GetFiles(folder.File("back")).Length);
        Assert.False(S3Checkpoints.IsUnderWay(local));
        Assert.Contains(server.Requests, request => request.Contains($"partNumber={LargeParts}", StringComparison.Ordinal));
    }

    [Fact]
    public void List_SeveralAttempts_NewestFirst()
    {
        var place = server.Checkpoints();
        foreach (var (attempt, step) in new[] { (1, 9L), (2, 15L), (1, 100L), (1, 20L) })
            place.Upload(Local(attempt, step));
        Assert.Equal([(2, 15), (1, 100), (1, 20), (1, 9)], place.List().Select(found => (found.Attempt, found.Step)));
    }

    [Fact]
    public void Upload_InterruptedAmidParts_SendsOnlyTheRest()
    {
        var local = Local(1, 20);
        server.Refuses = request => request.Query["partNumber"] == $"{LargeParts}";
        var failed = Assert.ThrowsAny<IOException>(() => server.Checkpoints().Upload(local));
        Assert.Contains($"s3://{server.Bucket}/runs/demo: S3 answers 503 SlowDown", failed.Message);
        Assert.Empty(server.Checkpoints().List()); // without checkpoint.json it is none
        Assert.True(S3Checkpoints.IsUnderWay(local));

        server.Refuses = _ => false;
        server.Requests.Clear();
        long? sent = server.Checkpoints().Upload(local); // as another process would

        var parts = server
            .Requests.Select(request => PartNumber().Match(request))
            .Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].Value))
            .ToList();
        Assert.Contains(LargeParts, parts);
        Assert.InRange(parts.Count, 1, 4); // so many are on their way at once; what had arrived before is not sent again
        Assert.InRange(sent!.Value, 1, 4 * PartBytes + 1000);
        // the upload that was begun goes on
        Assert.DoesNotContain(server.Requests, request => request.Contains("uploads", StringComparison.Ordinal));
        Assert.Null(server.Checkpoints().FindDamage(server.Checkpoints().List().Single()));
        Assert.False(S3Checkpoints.IsUnderWay(local));
    }

    [Fact]
    public void Upload_InterruptedBeforeThePublication_SendsTheListAlone()
    {
        var local = Local(1, 20);
        server.Refuses = request =>
            request.Method == "PUT" && request.Path.Value!.EndsWith(CheckpointFiles.FileName, StringComparison.Ordinal);
        Assert.ThrowsAny<IOException>(() => server.Checkpoints().Upload(local));
        Assert.Empty(server.Checkpoints().List());

        server.Refuses = _ => false;
        Assert.Equal(0, server.Checkpoints().Upload(local));
        Assert.Null(server.Checkpoints().FindDamage(server.Checkpoints().List().Single()));
    }

    [Theory]
    [InlineData("\"Upload\":\"[^\"]*\"", "\"Upload\":\"none\"")]
    [InlineData("\"1\":\"[^\"]*\"", "\"1\":\"none\"")]
    public void Upload_PartsThatTheServerGaveUp_AreSentAgain(string noted, string other)
    {
        Assert.SkipWhen(server.IsGate, "s3rver answers 500 to uploads that it does not know, and takes any part for the right one");
        var local = Local(1, 20);
        server.Refuses = request => request.Query["partNumber"] == $"{LargeParts}";
        Assert.ThrowsAny<IOException>(() => server.Checkpoints().Upload(local));
        server.Refuses = _ => false;
        string note = Path.Combine(local.Path, ".upload.json"),
            text = File.ReadAllText(note).Replace("\\u0022", "", StringComparison.Ordinal);
        Assert.Matches(noted, text);
        File.WriteAllText(note, Regex.Replace(text, noted, other));

        server.Checkpoints().Upload(local);

        Assert.Null(server.Checkpoints().FindDamage(server.Checkpoints().List().Single()));
    }

    [Fact]
    public async Task Upload_TwoWritersOfTheSameStep_OneWinsAndIsWhole()
    {
        StoredCheckpoint[] locals = [Local(1, 20, "a"), Local(1, 20, "b")];
        using var start = new Barrier(2);
        var results = await Task.WhenAll(locals.Select(local => Task.Factory.StartNew(() =>
        {
            var place = server.Checkpoints();
            start.SignalAndWait();
            return place.Upload(local);
        }, TaskCreationOptions.LongRunning)));

        var winner = locals[Array.FindIndex(results, sent => sent is not null)];
        Assert.Single(results, sent => sent is null);
        var found = Assert.Single(server.Checkpoints().List());
        Assert.Null(server.Checkpoints().FindDamage(found));
        Assert.Equal(winner.Bytes, found.Bytes); // the loser's files are gone
        server.Checkpoints().Download(found, folder.File("back"));
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(winner.Path, "large.bin")),
            await File.ReadAllBytesAsync(folder.File("back/large.bin"))
        );
    }

    [Fact]
    public void Upload_TheSameCheckpointAgain_IsThereAlready()
    {
        server.Checkpoints().Upload(Local(1, 20));
        Assert.Equal(0, server.Checkpoints().Upload(Local(1, 20, "again")));
    }

    [Fact]
    public void Upload_Cancelled_PublishesNothing()
    {
        using var cancelled = new CancellationTokenSource();
        server.Refuses = request =>
        {
            if (request.Query["partNumber"] == "3")
                cancelled.Cancel();
            return false;
        };
        Assert.ThrowsAny<OperationCanceledException>(() => server.Checkpoints().Upload(Local(1, 20), cancelled.Token));
        Assert.Empty(server.Checkpoints().List());
    }

    [Theory]
    [InlineData("large.bin")]
    [InlineData("small.txt")]
    [InlineData(CheckpointFiles.FileName)]
    public async Task FindDamage_OneBitChanged_IsFound(string file)
    {
        var place = server.Checkpoints();
        place.Upload(Local(1, 20));
        await server.DamageAsync(file);
        // Of another list the files lie elsewhere, so that is where they are missed.
        Assert.Contains(
            file == CheckpointFiles.FileName ? "" : $"{file} does not have the hash",
            Assert.IsType<string>(place.FindDamage(place.List().Single()))
        );
    }

    [Fact]
    public void Delete_OneOfTwo_LeavesTheOther()
    {
        var place = server.Checkpoints();
        place.Upload(Local(1, 20));
        place.Upload(Local(1, 30));
        place.Delete(place.List()[1]);
        Assert.Null(place.FindDamage(place.List().Single()));
        Assert.Equal(30, place.List().Single().Step);
    }

    [Fact]
    public async Task Delete_All_LeavesNoObjectButTheOwner()
    {
        var place = server.Checkpoints();
        place.Upload(Local(1, 20));
        place.Delete(place.List().Single());
        Assert.Equal(["runs/demo/run.txt"], await server.KeysAsync());
    }

    [Fact]
    public void Check_PlaceOfAnotherRun_IsRefused()
    {
        server.Checkpoints("one").Check(mustAnswer: true);
        server.Checkpoints("one").Check(mustAnswer: true); // the same run comes again
        string error = Assert.Single(Assert.Throws<BadInputException>(() => server.Checkpoints("two").Check(mustAnswer: true)).Errors);
        Assert.Contains($"s3://{server.Bucket}/runs/demo holds the checkpoints of another run", error);
        Assert.Throws<BadInputException>(() => server.Checkpoints("two").Upload(Local(1, 20)));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    public void Upload_NothingIsAnsweredAnyMore_SaysSo(string method)
    {
        var local = Local(1, 20);
        var place = server.Checkpoints(maxSilence: TimeSpan.FromSeconds(0.5));
        server.Ignores = request => request.Method == method;
        var silent = Assert.ThrowsAny<IOException>(() => place.Upload(local));
        Assert.Equal($"s3://{server.Bucket}/runs/demo: S3 does not answer (nothing moved for 0.5 s)", silent.Message);
        server.Ignores = _ => false;
        Assert.NotNull(place.Upload(local));
    }

    /// <summary>A checkpoint folder in all but its files' meaning.</summary>
    private StoredCheckpoint Local(int attempt, long step, string writer = "")
    {
        string path = folder.File($"{writer}{RunDirectory.CheckpointName(attempt, step).Replace('/', '-')}");
        Directory.CreateDirectory(path);
        byte[] large = new byte[(LargeParts - 1) * PartBytes + 1000];
        new Random(writer is "" or "again" ? 7 : writer[0]).NextBytes(large);
        File.WriteAllBytes(Path.Combine(path, "large.bin"), large);
        File.WriteAllText(Path.Combine(path, "small.txt"), "some text");
        CheckpointFiles.Write(path, step);
        return new StoredCheckpoint(
            attempt,
            step,
            path,
            DateTimeOffset.UnixEpoch,
            Directory.EnumerateFiles(path).Sum(file => new FileInfo(file).Length)
        );
    }

    [GeneratedRegex(@"partNumber=(\d+)")]
    private static partial Regex PartNumber();
}
