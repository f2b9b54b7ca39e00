using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.Store.Backups;

/// <summary>
/// A backup of a coordinator's store as a file: a line that names the format, a <see cref="BackupHeader"/> as a line of JSON, a SQLite
/// database, and the SHA-256 of all of that.
/// </summary>
public static class BackupFile
{
    internal const string Format = "clipd backup ", Version = "1";

    private const int MaxLine = 4_096, PieceSize = 256 << 10;
    private const string UseAnother = "use another backup";

    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <param name="database">Of which the header says how long it is.</param>
    internal static async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(
        BackupHeader header, Stream database, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] begin = Encoding.UTF8.GetBytes($"{Format}{Version}\n{JsonFormatter.Default.Format(header)}\n");
        hash.AppendData(begin);
        yield return begin;
        byte[] piece = new byte[PieceSize];
        while (await database.ReadAsync(piece, cancel) is > 0 and int read)
        {
            hash.AppendData(piece, 0, read);
            yield return piece.AsMemory(0, read);
        }
        yield return hash.GetHashAndReset();
    }

    /// <summary>Reads all of it.</summary>
    /// <exception cref="BadInputException">It is no backup, is damaged, or a later version has made it.</exception>
    public static BackupHeader Check(string path) => Extract(path, Stream.Null);

    /// <param name="database">Receives what of it is a database, before the end shows whether it is whole.</param>
    /// <exception cref="BadInputException">As of <see cref="Check"/>.</exception>
    internal static BackupHeader Extract(string path, Stream database)
    {
        using var file = Open(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string format = ReadLine(file, hash) ?? "";
        if (!format.StartsWith(Format, StringComparison.Ordinal))
            throw new BadInputException($"{path} is no backup of a coordinator; name a file that clipd coordinator backup has made.");
        if (format[Format.Length..] != Version)
            throw new BadInputException(
                $"{path} was made by a later version of clipd (format {Excerpt.Of(format[Format.Length..])}); restore it with that one.");
        var header = HeaderOf(path, ReadLine(file, hash));
        if (!StoreSchema.Migrations.Contains(header.Schema))
            throw new BadInputException(
                $"{path} was made by a later version of clipd ({Excerpt.Of(header.Version)}, tables {Excerpt.Of(header.Schema)}); "
                    + "restore it with that one.");
        long expected = file.Position + Math.Min(header.Bytes, long.MaxValue / 2) + SHA256.HashSizeInBytes;
        if (header.Bytes < 0 || file.Length != expected)
            throw Damaged(path, $"it has {Counted.Plain(file.Length, "byte")}, and should have {expected}");
        Copy(file, database, header.Bytes, hash);
        Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
        file.ReadExactly(stored);
        return stored.SequenceEqual(hash.GetHashAndReset()) ? header : throw Damaged(path, "its checksum does not match");
    }

    private static FileStream Open(string path)
    {
        if (FileKinds.Of(path) is var kind and not FileKind.Regular)
            throw new BadInputException($"{path} {kind.Words()}; name a file that clipd coordinator backup has made.");
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read ({denied.Message.TrimEnd('.')}); name a file that this user can read.");
        }
    }

    private static void Copy(FileStream file, Stream database, long bytes, IncrementalHash hash)
    {
        byte[] piece = new byte[PieceSize];
        for (long left = bytes; left > 0;)
        {
            int read = (int)Math.Min(piece.Length, left);
            file.ReadExactly(piece, 0, read);
            hash.AppendData(piece, 0, read);
            database.Write(piece, 0, read);
            left -= read;
        }
    }

    private static BackupHeader HeaderOf(string path, string? line)
    {
        try
        {
            return Json.Parse<BackupHeader>(line ?? "") is { Taken: not null } header ? header : throw Damaged(path, "its header is empty");
        }
        catch (Exception damaged) when (damaged is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw Damaged(path, "its header cannot be read");
        }
    }

    /// <returns>Null: there is no such line, or it is too long.</returns>
    private static string? ReadLine(FileStream file, IncrementalHash hash)
    {
        var line = new List<byte>();
        for (int read = file.ReadByte(); read >= 0 && line.Count < MaxLine; read = file.ReadByte())
        {
            line.Add((byte)read);
            if (read != '\n')
                continue;
            hash.AppendData([.. line]);
            return Encoding.UTF8.GetString([.. line[..^1]]);
        }
        return null;
    }

    private static BadInputException Damaged(string path, string how) => new($"{path} is damaged: {how}; {UseAnother}.");
}
