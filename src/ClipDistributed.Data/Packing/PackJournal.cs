using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing;

/// <summary>How far a folder is packed: after each finished shard the sums up to there, so that a killed run goes on behind it.</summary>
/// <param name="Description">Inputs and options: only the same ones may go on.</param>
/// <param name="Next">The first item that is in no finished shard and was not left out before one.</param>
/// <param name="Shards">Finished shards.</param>
/// <param name="Rows">Their rows.</param>
/// <param name="ImageBytes">Their images' bytes.</param>
/// <param name="Skipped">Items left out so far, by reason.</param>
/// <param name="Examples">The first ten of them, with their reasons.</param>
/// <param name="IsDone">Everything is packed.</param>
internal sealed record PackJournal(
    string Description, int Next, int Shards, long Rows, long ImageBytes, SortedDictionary<string, int> Skipped, List<string> Examples, bool IsDone)
{
    public const string FileName = "pack.json";
    private const int MostExamples = 10;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static PackJournal Start(string description) => new(description, 0, 0, 0, 0, new(StringComparer.Ordinal), [], IsDone: false);

    /// <summary>Null: nothing was packed into this folder.</summary>
    /// <exception cref="BadInputException">The file is none of ours.</exception>
    public static PackJournal? Load(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<PackJournal>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException)
        {
            throw new BadInputException($"{path} was not written by clipd data pack; name another folder, or say --overwrite.");
        }
    }

    /// <summary>Replaces the file whole: a kill leaves the old one or the new one.</summary>
    public void Save(string folder)
    {
        string path = Path.Combine(folder, FileName);
        File.WriteAllBytes(path + ".partial", JsonSerializer.SerializeToUtf8Bytes(this, Json));
        File.Move(path + ".partial", path, overwrite: true);
    }

    public void Skip(string name, string reason)
    {
        Skipped[reason] = Skipped.GetValueOrDefault(reason) + 1;
        if (Examples.Count < MostExamples)
            Examples.Add($"{name} {reason}");
    }
}
