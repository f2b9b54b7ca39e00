using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Packing;

/// <summary>
/// The items that were worked on since the last finished shard, in <c>pack.progress</c>: after a stop or a kill they are copied, not
/// decoded again. Each record is its length, a digest and what became of the item; bytes that are those of its file are not repeated.
/// A record is with the system at once, so that a killed process loses only what was in work; a torn one ends the file.
/// </summary>
internal sealed class PackProgress : IDisposable
{
    public const string FileName = "pack.progress";
    private const int DigestBytes = 8;

    private readonly FileStream file;

    /// <exception cref="BadInputException">Another process packs into the folder.</exception>
    public PackProgress(string folder)
    {
        try
        {
            file = GuardedFile.Lock(Path.Combine(folder, FileName), bufferSize: 0, patience: GuardedFile.ForkTime);
        }
        catch (IOException held) when (held.HResult == GuardedFile.Locked)
        {
            throw new BadInputException($"{folder} is being packed into by another process; wait for it, or name another folder.");
        }
    }

    /// <summary>The rows that follow the journal's finished shards; what cannot be used is cut off.</summary>
    /// <param name="journal">What they must follow.</param>
    /// <param name="items">All items.</param>
    public IEnumerable<PackedRow> Replay(PackJournal journal, IReadOnlyList<PackItem> items)
    {
        file.Position = 0;
        if (Record() is not { } first || Encoding.UTF8.GetString(first) != Title(journal))
        {
            Begin(journal);
            yield break;
        }
        for (int i = journal.Next; i < items.Count; i++)
        {
            long start = file.Position;
            if (Record() is not { } record)
            {
                file.SetLength(start);
                file.Position = start;
                yield break;
            }
            using var reader = new BinaryReader(new MemoryStream(record), Encoding.UTF8);
            yield return Read(reader, items[i]);
        }
    }

    /// <summary>Forgets all rows: they are in a finished shard.</summary>
    public void Begin(PackJournal journal)
    {
        file.SetLength(0);
        file.Position = 0;
        Append(Encoding.UTF8.GetBytes(Title(journal)));
    }

    public void Append(in PackedRow row)
    {
        using var record = new MemoryStream();
        using (var writer = new BinaryWriter(record, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(row.Problem is null);
            writer.Write(row.Problem ?? row.Caption!);
            if (row.Image is { } image)
            {
                writer.Write(row.IsTransparent);
                writer.Write(row.IsFile ? -1 : image.Length);
                if (!row.IsFile)
                    writer.Write(image);
            }
        }
        Append(record.GetBuffer().AsSpan(0, (int)record.Length));
    }

    public void Dispose() => file.Dispose();

    private static PackedRow Read(BinaryReader reader, PackItem item)
    {
        bool isRow = reader.ReadBoolean();
        string text = reader.ReadString();
        if (!isRow)
            return new PackedRow(null, null, text, IsFile: false, IsTransparent: false);
        bool isTransparent = reader.ReadBoolean();
        int length = reader.ReadInt32();
        byte[] image = length < 0 ? File.ReadAllBytes(item.Path) : reader.ReadBytes(length);
        return new PackedRow(image, text, null, IsFile: length < 0, isTransparent);
    }

    private static string Title(PackJournal journal) => $"{journal.Description} {journal.Next}";

    private void Append(ReadOnlySpan<byte> payload)
    {
        byte[] record = new byte[4 + DigestBytes + payload.Length];
        BitConverter.TryWriteBytes(record, payload.Length);
        SHA256.HashData(payload).AsSpan(0, DigestBytes).CopyTo(record.AsSpan(4));
        payload.CopyTo(record.AsSpan(4 + DigestBytes));
        file.Write(record);
    }

    /// <returns>Null: the file ends here, or what follows was not written whole.</returns>
    private byte[]? Record()
    {
        Span<byte> head = stackalloc byte[4 + DigestBytes];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
            return null;
        int length = BitConverter.ToInt32(head);
        if (length < 0 || length > file.Length - file.Position)
            return null;
        byte[] payload = new byte[length];
        file.ReadExactly(payload);
        return SHA256.HashData(payload).AsSpan(0, DigestBytes).SequenceEqual(head[4..]) ? payload : null;
    }
}
