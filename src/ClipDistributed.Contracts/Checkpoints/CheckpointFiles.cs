using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Checkpoints;

/// <summary>The file checkpoint.json, written last: sizes and hashes of all other files. Without it a folder is no checkpoint.</summary>
public sealed record CheckpointFiles(long Step, IReadOnlyDictionary<string, CheckpointFile> Files)
{
    public const string FileName = "checkpoint.json";

    private const int HashedAtOnce = 1 << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>Hashes what lies in a folder, brings it to the disk and writes the file.</summary>
    public static void Write(string folder, long step, CancellationToken cancel = default)
    {
        var files = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .ToDictionary(path => Path.GetFileName(path), path => new CheckpointFile(new FileInfo(path).Length, Hash(path, cancel)));
        foreach (string file in files.Keys)
            DurableFile.Flush(Path.Combine(folder, file));
        using var stream = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew);
        JsonSerializer.Serialize(stream, new CheckpointFiles(step, files), Json);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Null where every file has the size and the hash it was written with; else what is wrong.</summary>
    public static string? FindDamage(string folder, CancellationToken cancel = default)
    {
        string list = Path.Combine(folder, FileName);
        if (!File.Exists(list))
            return $"{FileName} is missing";
        try
        {
            var expected = JsonSerializer.Deserialize<CheckpointFiles>(File.ReadAllText(list), Json);
            if (expected?.Files is not { Count: > 0 } files)
                return $"{FileName} lists no files";
            foreach (var (name, file) in files)
            {
                if (file is null)
                    return $"{FileName} says nothing of {name}";
                string path = Path.Combine(folder, name);
                if (!File.Exists(path))
                    return $"{name} is missing";
                if (new FileInfo(path).Length != file.Bytes)
                    return $"{name} has {new FileInfo(path).Length} bytes instead of {file.Bytes}";
                if (Hash(path, cancel) != file.Sha256)
                    return $"{name} does not have the hash it was written with";
            }
            return null;
        }
        catch (JsonException wrong)
        {
            return $"{FileName} is not JSON: {wrong.Message}";
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return unreadable.Message; // a bad sector: the one before may be whole
        }
    }

    private static string Hash(string path, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] buffer = new byte[HashedAtOnce];
        for (int read; (read = stream.Read(buffer)) > 0; cancel.ThrowIfCancellationRequested())
            hash.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>One file of a checkpoint.</summary>
public sealed record CheckpointFile(long Bytes, string Sha256);
