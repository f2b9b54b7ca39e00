using System.Buffers.Binary;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Safetensors;

/// <summary>
/// The header of a safetensors file: eight bytes of length (little-endian), then JSON with type, shape and byte range of
/// each tensor. Checked against the file's length before anything is allocated: a header is somebody else's claim.
/// </summary>
public static class SafetensorsHeader
{
    private const long MaxHeaderBytes = 100_000_000; // as the reference implementation
    private const int MaxTensors = 100_000; // of models that are split over devices and experts: some ten thousand
    private const string Metadata = "__metadata__";

    /// <summary>The entries of a file.</summary>
    /// <exception cref="BadInputException">The file is missing, or is not a safetensors file.</exception>
    public static IReadOnlyList<SafetensorsEntry> ReadFile(string path)
    {
        using var file = Open(path);
        return ReadChecked(file, path).Entries;
    }

    /// <exception cref="BadInputException">There is no such file, or it may not be read.</exception>
    public static FileStream Open(string path) => InputFile.Open(path);

    /// <summary>As <see cref="Read"/>, of a file that a user named.</summary>
    /// <exception cref="BadInputException">It is not a safetensors file.</exception>
    public static (IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata, long DataStart) ReadChecked(
        Stream file,
        string path
    )
    {
        try
        {
            return Read(file);
        }
        catch (InvalidDataException damaged)
        {
            throw new BadInputException($"{path} is not a safetensors file: {damaged.Message}.");
        }
    }

    /// <returns>The entries in file order and the position of the first data byte.</returns>
    /// <exception cref="InvalidDataException">The file is not one that a reader may trust.</exception>
    public static (IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata, long DataStart) Read(Stream file)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (file.Length < 8)
            throw new InvalidDataException($"the file has {Counted.Plain(file.Length, "byte")}; a safetensors file has at least 8");
        file.ReadExactly(prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeaderBytes || (long)length > file.Length - 8)
            throw new InvalidDataException($"the header claims {Counted.Plain(length, "byte")}, the file has {file.Length}");
        byte[] header = new byte[length];
        file.ReadExactly(header);
        long dataStart = 8 + (long)length;
        try
        {
            if (JsonBounds.Excess(header, MaxTensors) is { } excess)
                throw new InvalidDataException($"of the header: {excess}; a model has some thousand tensors");
            using var json = JsonDocument.Parse(header);
            var metadata = new Dictionary<string, string>();
            var entries = new List<SafetensorsEntry>();
            var names = new HashSet<string>();
            foreach (var property in Object(json.RootElement, "the header").EnumerateObject())
            {
                if (!names.Add(property.Name))
                    throw new InvalidDataException($"tensor '{FileWords.Of(property.Name)}' is listed twice");
                if (property.Name != Metadata)
                    entries.Add(ReadEntry(property, file.Length - dataStart));
                else
                    metadata = ReadMetadata(property);
            }
            entries.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
            CheckCover(entries, file.Length - dataStart);
            return (entries, metadata, dataStart);
        }
        catch (Exception wrong) when (wrong is JsonException or OverflowException)
        {
            throw new InvalidDataException($"the header is not what safetensors prescribes: {wrong.Message}", wrong);
        }
    }

    private static Dictionary<string, string> ReadMetadata(JsonProperty property)
    {
        var metadata = new Dictionary<string, string>();
        foreach (var item in Object(property.Value, "the metadata").EnumerateObject())
        {
            if (item.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                throw new InvalidDataException($"the metadata key '{FileWords.Of(item.Name)}' is not text");
            if (!metadata.TryAdd(item.Name, item.Value.GetString() ?? ""))
                throw new InvalidDataException($"the metadata key '{FileWords.Of(item.Name)}' is listed twice");
        }
        return metadata;
    }

    private static SafetensorsEntry ReadEntry(JsonProperty property, long dataLength)
    {
        string name = property.Name;
        var tensor = Object(property.Value, $"tensor '{FileWords.Of(name)}'");
        string typeName = tensor.TryGetProperty("dtype", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString()! : "";
        if (NumberFormats.SizeOf(typeName) is not { } size)
            throw new InvalidDataException(
                $"tensor '{FileWords.Of(name)}' has the type '{FileWords.Of(typeName)}'; known: {string.Join(", ", NumberFormats.Names)}");
        long[] shape = Numbers(tensor, "shape", name);
        if (Numbers(tensor, "data_offsets", name) is not [var begin, var end])
            throw new InvalidDataException($"tensor '{FileWords.Of(name)}' has not 2 data_offsets");
        if (begin < 0 || end < begin || end > dataLength)
            throw new InvalidDataException($"tensor '{FileWords.Of(name)}' claims the bytes {begin} to {end} of {dataLength}");
        if (shape.Any(side => side < 0))
            throw new InvalidDataException($"tensor '{FileWords.Of(name)}' has a negative side");
        // A side of 0 must not hide the others: strides are products of the sides as if it were 1.
        long product = shape.Aggregate(1L, (count, side) => checked(count * Math.Max(side, 1)));
        long count = shape.Contains(0) ? 0 : product;
        if (checked(count * size) != end - begin)
            throw new InvalidDataException(
                $"tensor '{FileWords.Of(name)}' of shape "
                    + $"[{FileWords.List(shape.Select(side => $"{side}"), shape.Length)}] and type {typeName} needs "
                    + $"{Counted.Plain(count * size, "byte")}, its range has {end - begin}"
            );
        return new SafetensorsEntry(name, typeName, shape, begin, end);
    }

    private static JsonElement Object(JsonElement element, string what) => element.ValueKind == JsonValueKind.Object
        ? element
        : throw new InvalidDataException($"{what} is not an object of keys and values");

    private static long[] Numbers(JsonElement tensor, string key, string name)
    {
        if (!tensor.TryGetProperty(key, out var list) || list.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException($"tensor '{FileWords.Of(name)}' has no list of {key}");
        return [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long number)
            ? number
            : throw new InvalidDataException($"tensor '{FileWords.Of(name)}' has in its {key} what is not a whole number"))];
    }

    /// <summary>The ranges lie end to end, without overlap or gap, and fill the file.</summary>
    private static void CheckCover(List<SafetensorsEntry> entries, long dataLength)
    {
        long at = 0;
        foreach (var entry in entries)
        {
            if (entry.Begin != at)
                throw new InvalidDataException(
                    $"tensor '{FileWords.Of(entry.Name)}' begins at byte {entry.Begin}, expected {at}: ranges may neither overlap nor "
                        + $"leave gaps"
                );
            at = entry.End;
        }
        if (at != dataLength)
            throw new InvalidDataException($"the tensors end at byte {at}, the data at {dataLength}");
    }
}
