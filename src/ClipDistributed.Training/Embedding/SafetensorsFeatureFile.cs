using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Training.Embedding;

/// <summary>
/// One tensor [N, width] of float32, and the ids as a JSON list under the metadata key `names`. The header, which comes
/// first, needs N: the numbers wait in a file of their own, so that memory holds no more than one piece and the ids.
/// </summary>
internal sealed class SafetensorsFeatureFile : IFeatureFile
{
    private const int MaxHeaderBytes = 100_000_000; // that readers of the format accept

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string path;
    private readonly string tensor;
    private readonly int width;
    private readonly FileStream numbers;
    private readonly List<string> names = [];

    private SafetensorsFeatureFile(string path, string tensor, int width, FileStream numbers) =>
        (this.path, this.tensor, this.width, this.numbers) = (path, tensor, width, numbers);

    public static SafetensorsFeatureFile Create(string path, string tensor, int width)
    {
        FileStream numbers = null!;
        using (PendingOutput.Create(path + ".numbers", () => numbers = GuardedFile.OpenPartial(path + ".numbers")))
        {
            // it needs no name: ending this removes that, and the file is gone when it is closed
        }
        return new SafetensorsFeatureFile(path, tensor, width, numbers);
    }

    public void Add(IReadOnlyList<string> ids, float[] features)
    {
        names.AddRange(ids);
        numbers.Write(MemoryMarshal.AsBytes<float>(features));
    }

    public void Complete()
    {
        byte[] header = Header();
        if (header.Length > MaxHeaderBytes)
            throw new IOException(
                $"{path}: the names of {Counted.Plain(names.Count, "row")} take {Counted.Plain(header.Length, "byte")}, "
                    + $"a safetensors header has at most {MaxHeaderBytes}; write .parquet instead."
            );
        FileStream file = null!;
        using (PendingOutput.Create(path + ".partial", () => file = GuardedFile.OpenPartial(path + ".partial")))
        using (file)
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            file.Write(length);
            file.Write(header);
            numbers.Position = 0;
            numbers.CopyTo(file);
            file.Flush(flushToDisk: true);
            File.Move(path + ".partial", path);
        }
        numbers.Dispose();
    }

    public void Dispose() => numbers.Dispose();

    private byte[] Header()
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object>
            {
                ["__metadata__"] = new Dictionary<string, string> { ["format"] = "pt", ["names"] = JsonSerializer.Serialize(names, Json) },
                [tensor] = new
                {
                    dtype = "F32",
                    shape = new long[] { names.Count, width },
                    data_offsets = new long[] { 0, 4L * width * names.Count },
                },
            },
            Json
        );
        // The data then starts at a multiple of eight, as readers that map the file like it.
        int padded = (json.Length + 7) / 8 * 8;
        return [.. json, .. Enumerable.Repeat((byte)' ', padded - json.Length)];
    }
}
