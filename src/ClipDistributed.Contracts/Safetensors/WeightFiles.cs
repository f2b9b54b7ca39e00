using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Safetensors;

/// <summary>
/// The safetensors files of a model folder: one, or several with an index (<c>NAME.safetensors.index.json</c>) that says which
/// tensor lies in which.
/// </summary>
/// <param name="Paths">One, or each shard once.</param>
/// <param name="Index">Tensor name to shard path; null where there is one file.</param>
public sealed record WeightFiles(IReadOnlyList<string> Paths, IReadOnlyDictionary<string, string>? Index)
{
    private const long LargestIndex = 100_000_000;

    /// <param name="name">Of the one file, <c>model.safetensors</c>.</param>
    /// <exception cref="BadInputException">There are no such files, or the index is not one.</exception>
    public static WeightFiles Find(string folder, string name)
    {
        string single = Path.Combine(folder, name), index = single + ".index.json";
        if (File.Exists(single))
            return new WeightFiles([single], null);
        if (!File.Exists(index))
            throw new BadInputException($"{single} does not exist, nor does {Path.GetFileName(index)}; a model folder holds its weights in one of these forms.");
        var map = ReadIndex(folder, index);
        return new WeightFiles([.. map.Values.Distinct().Order(StringComparer.Ordinal)], map);
    }

    private static Dictionary<string, string> ReadIndex(string folder, string index)
    {
        string text = InputFile.ReadText(index, null, LargestIndex);
        try
        {
            using var json = JsonDocument.Parse(text);
            var map = new Dictionary<string, string>();
            foreach (var item in json.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                string shard = item.Value.GetString() ?? "";
                // An index is somebody else's claim: it must not lead out of its folder.
                if (shard.Length == 0 || shard != Path.GetFileName(shard) || !shard.EndsWith(".safetensors", StringComparison.Ordinal))
                    throw new BadInputException($"{index}: tensor '{item.Name}' is said to lie in '{shard}'; only a .safetensors file beside the index is possible.");
                if (!map.TryAdd(item.Name, Path.Combine(folder, shard)))
                    throw new BadInputException($"{index}: tensor '{item.Name}' is listed twice.");
            }
            if (map.Count == 0)
                throw new BadInputException($"{index} lists no tensors.");
            return map;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new BadInputException($"{index} is not an index with a \"weight_map\": {wrong.Message}");
        }
    }

    /// <summary>Where each tensor lies, checked against the files' headers.</summary>
    /// <exception cref="BadInputException">A file is missing or damaged, or a tensor lies elsewhere than the index says, or twice.</exception>
    public IReadOnlyDictionary<string, (string Path, SafetensorsEntry Entry)> ReadEntries()
    {
        var entries = new Dictionary<string, (string Path, SafetensorsEntry Entry)>();
        var errors = new List<string>();
        foreach (string path in Paths)
        {
            foreach (var entry in SafetensorsHeader.ReadFile(path))
            {
                if (Index is not null && (!Index.TryGetValue(entry.Name, out string? listed) || listed != path))
                    errors.Add($"{path}: tensor '{entry.Name}' is not listed there in the index.");
                else
                    entries.Add(entry.Name, (path, entry));
            }
        }
        if (Index is not null)
            errors.AddRange(Index.Where(item => !entries.ContainsKey(item.Key)).Select(item => $"{item.Value}: tensor '{item.Key}' is missing, the index says it lies there."));
        return errors.Count == 0 ? entries : throw new BadInputException(errors);
    }
}
