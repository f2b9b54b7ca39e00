using System.Buffers.Binary;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Safetensors;

/// <summary>Reads and writes tensors in the safetensors format: a checked header, then raw little-endian values.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int BufferSize = 1 << 20;
    private const long FlushedAtOnce = 256L << 20;

    private readonly string path;
    private readonly FileStream file;
    private readonly long dataStart;

    private SafetensorsFile(string path)
    {
        this.path = path;
        file = SafetensorsHeader.Open(path);
        try
        {
            (var entries, Metadata, dataStart) = SafetensorsHeader.ReadChecked(file, path);
            Entries = entries.ToDictionary(entry => entry.Name);
        }
        catch (BadInputException)
        {
            file.Dispose();
            throw;
        }
    }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="BadInputException">The file is missing, or is not a safetensors file.</exception>
    public static SafetensorsFile Open(string path) => new(path);

    /// <summary>The tensor of this name on the CPU, in the type that the file has.</summary>
    /// <exception cref="BadInputException">There is no such tensor.</exception>
    public Tensor Load(string name)
    {
        if (!Entries.TryGetValue(name, out var entry))
            throw new BadInputException($"{path} holds no tensor '{name}'.");
        var tensor = empty(entry.Shape, SafetensorsTypes.Of(entry.Type), CPU);
        if (entry.End > entry.Begin)
        {
            file.Position = dataStart + entry.Begin;
            tensor.ReadBytesFromStream(file, (int)Math.Min(BufferSize, entry.End - entry.Begin)); // it allocates a buffer of this size
        }
        return tensor;
    }

    /// <summary>Writes tensors in the order given and flushes them to the disk.</summary>
    public static void Write(
        string path,
        IEnumerable<(string Name, Tensor Value)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        CancellationToken cancel = default
    )
    {
        var list = tensors.ToList();
        byte[] header = Header(list, metadata ?? new Dictionary<string, string> { ["format"] = "pt" });
        File.Delete(path); // rather than to write where a link of that name leads
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        stream.Write(prefix);
        stream.Write(header);
        long flushed = 0;
        foreach (var (_, value) in list)
        {
            // Now and then: one flush of all could take minutes, and cannot be cancelled.
            if (stream.Position - flushed > FlushedAtOnce)
            {
                stream.Flush(flushToDisk: true);
                flushed = stream.Position;
            }
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var gradients = no_grad();
            var plain = value.detach().cpu().contiguous();
            if (plain.numel() > 0)
                plain.WriteBytesToStream(stream, BufferSize);
        }
        stream.Flush(flushToDisk: true);
    }

    public void Dispose() => file.Dispose();

    private static byte[] Header(List<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach (var (key, value) in metadata)
                json.WriteString(key, value);
            json.WriteEndObject();
            long at = 0;
            foreach (var (name, value) in tensors)
            {
                long bytes = value.numel() * value.element_size();
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsTypes.NameOf(value.dtype));
                json.WriteStartArray("shape");
                foreach (long side in value.shape)
                    json.WriteNumberValue(side);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                json.WriteNumberValue(at += bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' '); // the data then starts at a multiple of eight, as readers that map the file like it
        return buffer.ToArray();
    }
}
