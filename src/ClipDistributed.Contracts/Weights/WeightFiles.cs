using System.Globalization;
using System.Text;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Weights;

/// <summary>
/// The files of a model's weights: one, or several with an index (<c>NAME.index.json</c>) that says which tensor lies in which.
/// </summary>
/// <param name="Paths">One, or each shard once.</param>
/// <param name="Index">Tensor name to shard path; null where there is one file.</param>
/// <param name="Name">The file to name in messages.</param>
public sealed record WeightFiles(IReadOnlyList<string> Paths, IReadOnlyDictionary<string, string>? Index, string Name)
{
    private const long MaxIndexBytes = 100_000_000;
    private const int MaxMembers = 1_000, MaxValues = 400_000; // two for each tensor
    private const string Epoch = "epoch_", Torch = ".pt", Latest = "latest";

    private static readonly string[] Extensions = [".safetensors", ".bin", ".pt", ".pth", ".ckpt"];

    // What training libraries store beside weights.
    private static readonly string[] NoWeights = ["optimizer", "scheduler", "scaler", "training_args", "trainer_state", "rng_state",
        "random_states"];

    public static WeightFiles Single(string path) => new([path], null, path);

    /// <param name="names">Usual ones, the preferred first.</param>
    /// <returns>Null: the folder has neither one of these nor any other file of weights.</returns>
    /// <exception cref="BadInputException">There are several and none is preferred, or an index is not one.</exception>
    public static WeightFiles? Find(string folder, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            string single = Path.Combine(folder, name), index = single + ".index.json";
            if (File.Exists(single))
                return Single(single);
            if (File.Exists(index))
            {
                var map = ReadIndex(folder, index);
                return new WeightFiles([.. map.Values.Distinct().Order(StringComparer.Ordinal)], map, index);
            }
        }
        string[] others = [.. Directory.EnumerateFiles(folder).Where(IsWeights).Order(StringComparer.Ordinal)];
        if (others.Length < 2)
            return others.Length == 0 ? null : Single(others[0]);
        // Checkpoints of one training: the newest of them.
        return others.All(other => EpochOf(other) is not null)
            ? Single(others.MaxBy(EpochOf)!)
            : throw new BadInputException(
                $"{folder} holds several files of weights "
                    + $"({string.Join(", ", others.Take(4).Select(Path.GetFileName))}); name one of them instead of the folder."
            );
    }

    private static bool IsWeights(string path) =>
        Extensions.Contains(Path.GetExtension(path)) && Path.GetFileName(path) is var name && !name.StartsWith('.')
        && !NoWeights.Any(start => name.StartsWith(start, StringComparison.Ordinal));

    /// <summary>The number in OpenCLIP's <c>epoch_N.pt</c>; <c>epoch_latest.pt</c> is written after all others.</summary>
    private static long? EpochOf(string path)
    {
        string name = Path.GetFileName(path);
        if (!name.StartsWith(Epoch, StringComparison.Ordinal) || !name.EndsWith(Torch, StringComparison.Ordinal))
            return null;
        string number = name[Epoch.Length..^Torch.Length];
        return number == Latest ? long.MaxValue
            : long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long epoch) ? epoch
            : null;
    }

    private static Dictionary<string, string> ReadIndex(string folder, string index)
    {
        string text = InputFile.ReadText(index, null, MaxIndexBytes);
        try
        {
            if (JsonBounds.Excess(Encoding.UTF8.GetBytes(text), MaxMembers, MaxValues) is { } excess)
                throw new BadInputException($"{index} is not an index of a model's tensors: {excess}.");
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("weight_map", out var weights)
                || weights.ValueKind != JsonValueKind.Object)
            {
                throw new BadInputException($"{index} has no \"weight_map\", which an index maps tensors to files with.");
            }
            var map = new Dictionary<string, string>();
            foreach (var item in weights.EnumerateObject())
            {
                string shard = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString()! : item.Value.GetRawText();
                // An index is not to be trusted: it must not lead out of its folder.
                if (shard.Length == 0 || shard != Path.GetFileName(shard) || !Extensions.Contains(Path.GetExtension(shard)))
                    throw new BadInputException(
                        $"{index}: tensor '{FileWords.Of(item.Name)}' is said to lie in '{FileWords.Of(shard)}'; only a file of weights "
                            + "beside the index is possible, such as a .safetensors or .bin file."
                    );
                if (!map.TryAdd(item.Name, Path.Combine(folder, shard)))
                    throw new BadInputException($"{index}: tensor '{FileWords.Of(item.Name)}' is listed twice.");
            }
            return map.Count > 0 ? map : throw new BadInputException($"{index} lists no tensors.");
        }
        catch (JsonException wrong)
        {
            throw new BadInputException(
                $"{index} is not valid JSON at line {wrong.LineNumber + 1}; an index is an object with a \"weight_map\".");
        }
    }

    /// <summary>Where each tensor lies, under the model's own names.</summary>
    /// <exception cref="BadInputException">
    /// A file is missing or damaged, or a tensor lies elsewhere than the index says, or twice.
    /// </exception>
    public IReadOnlyDictionary<string, WeightEntry> ReadEntries()
    {
        var entries = new Dictionary<string, WeightEntry>();
        var errors = new List<string>();
        foreach (string path in Paths)
        {
            foreach (var entry in WeightFile.ReadEntries(path))
            {
                if (Index is not null && (!Index.TryGetValue(entry.Name, out string? listed) || listed != path))
                    errors.Add($"{path}: tensor '{FileWords.Of(entry.Name)}' is not listed there in the index.");
                else
                    entries.Add(entry.Name, entry);
            }
        }
        if (Index is not null)
        {
            errors.AddRange(Index.Where(item => !entries.ContainsKey(item.Key)).Select(item =>
                $"{item.Value}: tensor '{FileWords.Of(item.Key)}' is missing, the index says it lies there."));
        }
        return errors.Count == 0 ? WeightNames.Unwrap(entries.Values) : throw new BadInputException(errors);
    }
}
