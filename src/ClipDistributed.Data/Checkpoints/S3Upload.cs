using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Checkpoints;

/// <summary>
/// Sends the files of one folder to S3, large ones in parts, several at once. What S3 has taken is noted in the folder, so
/// that another try, or another process, sends only the rest.
/// </summary>
internal sealed class S3Upload(S3Bucket bucket, string folder, long partBytes)
{
    public const long DefaultPartBytes = 16L << 20;

    // Not in checkpoint.json, so no part of the checkpoint; goes with the folder.
    private const string NoteName = ".upload.json";
    private const int MaxParts = 10_000; // of S3
    private const int AtOnce = 4;
    private const int MaxNote = 16 << 20;

    private readonly string notePath = NoteOf(folder);
    private readonly Lock gate = new();
    private readonly Dictionary<string, PartsTaken> taken = Read(NoteOf(folder)); // by the object's URL

    /// <summary>Bytes that went over the line.</summary>
    public long Sent { get; private set; }

    /// <summary>A folder of which S3 may hold a part.</summary>
    public static bool IsUnderWay(string folder) => File.Exists(NoteOf(folder));

    public void Begin() => Note(() => { });

    public async Task SendAsync(string name, string key, CancellationToken cancel)
    {
        string path = Path.Combine(folder, name);
        long bytes = new FileInfo(path).Length;
        if (bytes <= partBytes)
        {
            await bucket.PutAsync(key, path, cancel);
            Sent += bytes;
            return;
        }
        try
        {
            await SendPartsAsync(path, bytes, key, cancel);
        }
        catch (IOException gone) when (S3Failures.IsAbsent(gone))
        {
            Forget(key); // S3 gave the upload up meanwhile: lifecycle rules do
            await SendPartsAsync(path, bytes, key, cancel);
        }
    }

    /// <summary>Everything is sent.</summary>
    public void End() => File.Delete(notePath);

    private async Task SendPartsAsync(string path, long bytes, string key, CancellationToken cancel)
    {
        long size = Math.Max(partBytes, (bytes + MaxParts - 1) / MaxParts);
        string url = bucket.Location.Url(key);
        if (!taken.TryGetValue(url, out var parts) || parts.PartBytes != size)
        {
            parts = new PartsTaken(await bucket.BeginPartsAsync(key, cancel), size, []);
            Note(() => taken[url] = parts);
        }
        int count = (int)((bytes + size - 1) / size);
        var missing = Enumerable.Range(1, count).Where(number => !parts.ETags.ContainsKey(number)).ToList();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(missing, limits, async (number, over) =>
        {
            long offset = (number - 1) * size, length = Math.Min(size, bytes - offset);
            string tag = await bucket.PutPartAsync(key, parts.Upload, new S3Part(number, path, offset, length), over);
            Note(() =>
            {
                parts.ETags[number] = tag;
                Sent += length;
            });
        });
        await bucket.CompletePartsAsync(key, parts.Upload, parts.ETags.Select(part => (part.Key, part.Value)), cancel);
        Forget(key);
    }

    private static string NoteOf(string folder) => Path.Combine(folder, NoteName);

    private void Forget(string key) => Note(() => taken.Remove(bucket.Location.Url(key)));

    private void Note(Action change)
    {
        lock (gate)
        {
            change();
            DurableFile.WriteAllText(notePath, JsonSerializer.Serialize(taken));
        }
    }

    private static Dictionary<string, PartsTaken> Read(string path)
    {
        try
        {
            return FileKinds.Of(path) == FileKind.Missing
                ? []
                : JsonSerializer.Deserialize<Dictionary<string, PartsTaken>>(InputFile.ReadBytes(path, null, MaxNote)) ?? [];
        }
        catch (Exception damaged) when (damaged is JsonException or BadInputException)
        {
            return []; // then everything is sent again
        }
    }

    /// <param name="Upload">S3's id.</param>
    /// <param name="ETags">By the part's number, from 1.</param>
    private sealed record PartsTaken(string Upload, long PartBytes, SortedDictionary<int, string> ETags);
}
