using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ClipDistributed.TestKit.Pickles;

/// <summary>Files in the two forms of torch.save, around any pickle.</summary>
public static class TorchFiles
{
    /// <param name="files">More files of the archive, or other contents of the usual ones.</param>
    public static byte[] Zip(
        byte[] pickle,
        IEnumerable<StoredValues> storages,
        CompressionLevel level = CompressionLevel.NoCompression,
        params (string Name, byte[] Data)[] files
    )
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            var all = new Dictionary<string, byte[]> { ["data.pkl"] = pickle, ["byteorder"] = "little"u8.ToArray() };
            foreach (var storage in storages)
                all[$"data/{storage.Key}"] = storage.Data;
            foreach (var (name, data) in files)
                all[name] = data;
            foreach (var (name, data) in all)
            {
                using var entry = zip.CreateEntry($"archive/{name}", level).Open();
                entry.Write(data);
            }
        }
        return stream.ToArray();
    }

    public static byte[] Legacy(byte[] pickle, IReadOnlyList<StoredValues> storages, bool littleEndian = true)
    {
        var keys = new PickleText().Op(']').Op('(');
        foreach (var storage in storages)
            keys.Text(storage.Key);
        return
        [
            .. LegacyStart, .. new PickleText().Integer(1001).Op('.').Bytes,
            .. new PickleText().Op('}').Text("little_endian").Add(littleEndian ? (byte)0x88 : (byte)0x89).Op('s').Op('.').Bytes,
            .. pickle, .. keys.Op('e').Op('.').Bytes,
            .. storages.SelectMany(storage => (byte[])[.. BitConverter.GetBytes(storage.Count), .. storage.Data]),
        ];
    }

    /// <summary>The pickle of torch.save's magic number.</summary>
    public static byte[] LegacyStart =>
        new PickleText().Add(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19).Op('.').Bytes;

    /// <summary>Another number where the zip directory of an archive names an entry's field.</summary>
    /// <param name="field">Offset in the directory's entry: 10 method, 20 packed size, 24 size, 42 place.</param>
    public static byte[] WithEntryField(byte[] zip, string name, int field, uint value)
    {
        byte[] changed = [.. zip];
        byte[] wanted = Encoding.UTF8.GetBytes(name);
        for (int at = 0; at + 46 + wanted.Length <= zip.Length; at++)
        {
            if (
                BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(at)) == 0x02014b50
                && zip.AsSpan(at + 46, wanted.Length).SequenceEqual(wanted)
            )
                BinaryPrimitives.WriteUInt32LittleEndian(
                    changed.AsSpan(at + field),
                    field == 10 ? BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(at + 10)) & 0xffff0000 | value : value
                );
        }
        return changed;
    }
}
