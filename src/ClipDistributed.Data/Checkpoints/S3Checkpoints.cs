using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Data.Checkpoints;

/// <summary>
/// The checkpoints of a run in S3, as in <c>attempt-01/step-00000120/checkpoint.json</c> with the other files one level
/// deeper, in a folder named by the hash of that list. So two writers never mix their files, the list, which is created
/// where there is none, makes one of them the checkpoint, and an interrupted upload finds its own files again.
/// </summary>
/// <param name="run">Whose they are, see <see cref="RunInfo.Id"/>; who only reads need not say.</param>
/// <param name="partBytes">A larger file is sent in parts of this size.</param>
public sealed partial class S3Checkpoints(S3Bucket bucket, string run = "", long partBytes = S3Upload.DefaultPartBytes) : ICheckpointPlace
{
    private const string OwnerName = "run.txt";
    private const int HashLetters = 16;

    private bool isClaimed;

    public string Name => bucket.Location.ToString();

    /// <summary>Checkpoints of the location that a spec names; null: it names none.</summary>
    /// <exception cref="BadInputException">It is none, or the environment says too little of how to reach it.</exception>
    public static S3Checkpoints? Open(string location, string run = "")
    {
        if (location == "")
            return null;
        var parsed = S3Location.TryParse(location)
            ?? throw new BadInputException($"'{S3Location.Masked(location)}' is not a place in S3; write s3://bucket/prefix.");
        try
        {
            return new S3Checkpoints(new S3Bucket(parsed, S3Connection.FromEnvironment()), run);
        }
        catch (BucketRefusedException refused)
        {
            throw new BadInputException($"checkpoint.location: {refused.Message}.");
        }
    }

    /// <summary>Whether the place can be used from here, and is this run's.</summary>
    /// <param name="mustAnswer">False: where S3 does not answer now, the first use reports it.</param>
    /// <exception cref="BadInputException">Bucket, credentials or rights are wrong, or the place belongs to another run.</exception>
    /// <exception cref="IOException">S3 does not answer.</exception>
    public void Check(bool mustAnswer)
    {
        try
        {
            List();
            Claim(CancellationToken.None);
        }
        catch (BucketRefusedException refused)
        {
            throw new BadInputException($"checkpoint.location: {refused.Message}.");
        }
        catch (IOException) when (!mustAnswer)
        {
            return;
        }
    }

    /// <summary>A place belongs to one run: its first writer leaves the run's id.</summary>
    /// <exception cref="BadInputException">It belongs to another run.</exception>
    /// <exception cref="IOException">S3 does not answer, or refuses.</exception>
    private void Claim(CancellationToken cancel)
    {
        if (isClaimed)
            return;
        string key = bucket.Location.Prefix + OwnerName;
        byte[] owner = Encoding.ASCII.GetBytes(run);
        if (
            !Wait(bucket.PutIfAbsentAsync(key, owner, cancel))
            && Wait(bucket.ReadAsync(key, cancel)) is { } other
            && !other.AsSpan().SequenceEqual(owner)
        )
            throw new BadInputException(
                $"checkpoint.location: {Name} holds the checkpoints of another run "
                    + $"({bucket.Location.Url(key)}); choose another prefix, or delete what lies there."
            );
        isClaimed = true;
    }

    public string UrlOf(StoredCheckpoint checkpoint) => bucket.Location.Url(Folder(checkpoint.Attempt, checkpoint.Step).TrimEnd('/'));

    public IReadOnlyList<StoredCheckpoint> List(CancellationToken cancel = default)
    {
        var objects = Wait(bucket.ListAsync(bucket.Location.Prefix, cancel));
        return
        [
            .. from list in objects
               let name = PublishedName().Match(list.Key[bucket.Location.Prefix.Length..])
               where name.Success
               let attempt = int.Parse(name.Groups["attempt"].Value, CultureInfo.InvariantCulture)
               let step = long.Parse(name.Groups["step"].Value, CultureInfo.InvariantCulture)
               orderby attempt descending, step descending
               let folder = Folder(attempt, step)
               select new StoredCheckpoint(attempt, step, bucket.Location.Url(folder.TrimEnd('/')), list.LastModified ?? DateTime.MinValue,
                   objects.Where(file => file.Key.StartsWith(folder, StringComparison.Ordinal)).Sum(file => file.Size ?? 0),
                   objects.Any(file => file.Key == folder + StoredCheckpoint.PinName)),
        ];
    }

    public void Pin(StoredCheckpoint checkpoint, bool isPinned, CancellationToken cancel = default)
    {
        string pin = Folder(checkpoint.Attempt, checkpoint.Step) + StoredCheckpoint.PinName;
        if (isPinned)
            Wait(bucket.PutIfAbsentAsync(pin, [], cancel));
        else
            Wait(bucket.DeleteAsync(pin, cancel));
    }

    public string? FindDamage(StoredCheckpoint checkpoint, CancellationToken cancel = default)
    {
        if (ReadList(checkpoint, cancel) is not { } list)
            return $"{CheckpointFiles.FileName} is missing";
        string files = FilesOf(checkpoint, list);
        return CheckpointFiles.FindDamage(
            name => name == CheckpointFiles.FileName ? new MemoryStream(list) : Wait(bucket.OpenAsync(files + name, cancel)), cancel);
    }

    /// <summary>A folder whose upload has begun and has not come to its end: it stays until it has.</summary>
    public static bool IsUnderWay(StoredCheckpoint local) => S3Upload.IsUnderWay(local.Path);

    /// <summary>Sends a complete checkpoint folder and publishes it; what an interrupted try has sent is not sent again.</summary>
    /// <returns>Bytes that were sent; null: another writer has published this step, and its checkpoint stays.</returns>
    /// <exception cref="BadInputException">The place belongs to another run.</exception>
    /// <exception cref="IOException">S3 does not answer, or refuses.</exception>
    public long? Upload(StoredCheckpoint local, CancellationToken cancel = default)
    {
        Claim(cancel);
        byte[] list = InputFile.ReadBytes(Path.Combine(local.Path, CheckpointFiles.FileName), null, CheckpointFiles.MaxBytes);
        if (CheckpointFiles.TryRead(new MemoryStream(list), out var files) is { } wrong)
            throw new IOException($"{local.Path} cannot be sent: {wrong}");
        return Wait(UploadAsync(local, list, files!, cancel));
    }

    /// <summary>Fetches a checkpoint into a new folder; whether it is whole is to be checked there.</summary>
    public void Download(StoredCheckpoint checkpoint, string folder, CancellationToken cancel = default)
    {
        Directory.CreateDirectory(folder, GuardedFile.OwnerOnlyFolder);
        if (ReadList(checkpoint, cancel) is not { } list)
            return;
        DurableFile.WriteAllBytes(Path.Combine(folder, CheckpointFiles.FileName), list);
        if (CheckpointFiles.TryRead(new MemoryStream(list), out var files) is not null)
            return;
        foreach (string name in files!.Files.Keys)
        {
            using var content = Wait(bucket.OpenAsync(FilesOf(checkpoint, list) + name, cancel));
            if (content is null)
                continue;
            using var file = new FileStream(Path.Combine(folder, name), FileMode.CreateNew);
            Wait(bucket.CopyAsync(content, file, cancel));
            file.Flush(flushToDisk: true);
        }
    }

    /// <summary>The list first: without it the rest is not a checkpoint any more.</summary>
    public void Delete(StoredCheckpoint checkpoint, CancellationToken cancel = default)
    {
        string folder = Folder(checkpoint.Attempt, checkpoint.Step);
        Wait(bucket.DeleteAsync(folder + CheckpointFiles.FileName, cancel));
        Wait(DeleteAllAsync(folder, cancel));
    }

    private async Task<long?> UploadAsync(StoredCheckpoint local, byte[] list, CheckpointFiles files, CancellationToken cancel)
    {
        string listKey = Folder(local.Attempt, local.Step) + CheckpointFiles.FileName, target = FilesOf(local, list);
        var there = (await bucket.ListAsync(target, cancel)).ToDictionary(file => file.Key, file => file.Size);
        var upload = new S3Upload(bucket, local.Path, partBytes);
        upload.Begin();
        foreach (var (name, file) in files.Files)
        {
            if (there.GetValueOrDefault(target + name) != file.Bytes)
                await upload.SendAsync(name, target + name, cancel);
        }
        cancel.ThrowIfCancellationRequested(); // who is no longer the writer must not publish
        bool isOurs = await bucket.PutIfAbsentAsync(listKey, list, cancel)
            || (await bucket.ReadAsync(listKey, cancel)).AsSpan().SequenceEqual(list);
        if (!isOurs)
            await DeleteAllAsync(target, cancel);
        upload.End();
        return isOurs ? upload.Sent : null;
    }

    private async Task DeleteAllAsync(string prefix, CancellationToken cancel)
    {
        foreach (var file in await bucket.ListAsync(prefix, cancel))
            await bucket.DeleteAsync(file.Key, cancel);
    }

    private byte[]? ReadList(StoredCheckpoint checkpoint, CancellationToken cancel) =>
        Wait(bucket.ReadAsync(Folder(checkpoint.Attempt, checkpoint.Step) + CheckpointFiles.FileName, cancel));

    private string Folder(int attempt, long step) => $"{bucket.Location.Prefix}{RunDirectory.CheckpointName(attempt, step)}/";

    private string FilesOf(StoredCheckpoint checkpoint, byte[] list) =>
        $"{Folder(checkpoint.Attempt, checkpoint.Step)}{Convert.ToHexStringLower(SHA256.HashData(list))[..HashLetters]}/";

    // Checkpoints are written on a thread of their own, which has nothing else to do.
    private static T Wait<T>(Task<T> call) => call.GetAwaiter().GetResult();

    private static void Wait(Task call) => call.GetAwaiter().GetResult();

    [GeneratedRegex(@"^attempt-(?<attempt>\d{1,9})/step-(?<step>\d{1,18})/checkpoint\.json$")]
    private static partial Regex PublishedName();
}
