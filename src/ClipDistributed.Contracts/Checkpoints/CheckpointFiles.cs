using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Checkpoints;

/// <summary>The file checkpoint.json, written last: sizes and hashes of all other files. Without it a folder is not a checkpoint.</summary>
public sealed record CheckpointFiles(long Step, IReadOnlyDictionary<string, CheckpointFile> Files)
{
    public const string FileName = "checkpoint.json";

    /// <summary>Of the file itself.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Of a model's folder: what a resume needs, and a model does not.</summary>
    public const string Optimizer = "optimizer.safetensors", State = "state.json";

    private const int HashedAtOnce = 1 << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        WriteIndented = true,
    };

    /// <summary>Hashes what lies in a folder, brings it to the disk and writes the file.</summary>
    public static void Write(string folder, long step, CancellationToken cancel = default)
    {
        var files = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .ToDictionary(path => Path.GetFileName(path), path => Measure(path, cancel));
        foreach (string file in files.Keys)
            DurableFile.Flush(Path.Combine(folder, file));
        using var stream = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew);
        JsonSerializer.Serialize(stream, new CheckpointFiles(step, files), Json);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Null where every file of a folder has the size and the hash it was written with; else what is wrong.</summary>
    /// <param name="only">Says which of the files to look at; null: all.</param>
    public static string? FindDamage(string folder, CancellationToken cancel = default, Func<string, bool>? only = null)
    {
        try
        {
            return FindDamage(
                name => FileKinds.Of(Path.Combine(folder, name)) == FileKind.Missing ? null : Open(folder, name), cancel, only);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return unreadable.Message; // a bad sector: the one before may be whole
        }
    }

    /// <summary>The same of files that lie elsewhere.</summary>
    /// <param name="open">By the file's name; null: it is not there.</param>
    /// <param name="only">Says which of the files to look at; null: all.</param>
    public static string? FindDamage(Func<string, Stream?> open, CancellationToken cancel, Func<string, bool>? only = null)
    {
        using var list = open(FileName);
        if (list is null)
            return $"{FileName} is missing";
        if (TryRead(list, out var expected) is { } wrong)
            return wrong;
        foreach (var (name, file) in expected!.Files.Where(file => only?.Invoke(file.Key) ?? true))
        {
            using var stream = open(name);
            if (stream is null)
                return $"{name} is missing";
            if (stream.CanSeek && stream.Length != file.Bytes) // at once: many GB may have been put there
                return $"{name} has {Counted.Plain(stream.Length, "byte")} instead of {file.Bytes}";
            var found = Measure(stream, cancel);
            if (found.Bytes != file.Bytes)
                return $"{name} has {Counted.Plain(found.Bytes, "byte")} instead of {file.Bytes}";
            if (found.Sha256 != file.Sha256)
                return $"{name} does not have the hash it was written with";
        }
        return null;
    }

    /// <summary>Null and the list, or what is wrong with it.</summary>
    public static string? TryRead(Stream list, out CheckpointFiles? files)
    {
        byte[] bytes = new byte[MaxBytes + 1];
        int length = list.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        files = null;
        if (length > MaxBytes)
            return $"{FileName} has more than {MaxBytes:N0} bytes";
        if (JsonFile.Parse(bytes.AsSpan(0, length), Json, null, out files) is { } damage)
            return $"{FileName} is damaged: {damage}";
        if (files?.Files is not { Count: > 0 })
            return $"{FileName} lists no files";
        foreach (var (name, file) in files.Files)
        {
            if (file is null)
                return $"{FileName} says nothing of {name}";
            if (Path.GetFileName(name) != name) // from a bucket that others may write to it must not lead elsewhere
                return $"{FileName} lists '{name}', which is not a file's name";
        }
        return null;
    }

    private static CheckpointFile Measure(string path, CancellationToken cancel)
    {
        using var stream = OpenRead(path);
        return Measure(stream, cancel);
    }

    private static CheckpointFile Measure(Stream stream, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[HashedAtOnce];
        long bytes = 0;
        for (int read; (read = stream.Read(buffer)) > 0; bytes += read)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }
        return new CheckpointFile(bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static FileStream OpenRead(string path) => InputFile.OpenRegular(path, bufferSize: 0);

    private static FileStream Open(string folder, string name)
    {
        try
        {
            return OpenRead(Path.Combine(folder, name));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{name} {refused.Message}", refused);
        }
    }
}

/// <summary>One file of a checkpoint.</summary>
public sealed record CheckpointFile(long Bytes, string Sha256);
