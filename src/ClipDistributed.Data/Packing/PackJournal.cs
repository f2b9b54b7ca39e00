using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Packing;

/// <summary>How far a folder is packed: the sums after each finished shard. <see cref="PackProgress"/> holds what came after it.</summary>
/// <param name="Description">Inputs and options: only the same ones may go on.</param>
/// <param name="Next">The first item that is in no finished shard and was not left out before one.</param>
/// <param name="Shards">Finished shards.</param>
/// <param name="Rows">Their rows.</param>
/// <param name="ImageBytes">Their images' bytes.</param>
/// <param name="Transparent">Images in their rows that are transparent in parts, each counted once.</param>
/// <param name="LostRows">Rows of the user's list that were left out.</param>
/// <param name="LeftOut">Items left out so far, by reason.</param>
/// <param name="LeftOutBytes">The length of the file that names them.</param>
/// <param name="IsDone">Everything is packed.</param>
internal sealed record PackJournal(
    string Description, int Next, int Shards, long Rows, long ImageBytes, long Transparent, long LostRows,
    SortedDictionary<string, LeftOutReason> LeftOut, long LeftOutBytes, bool IsDone)
{
    public const string FileName = "pack.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static PackJournal Start(string description) =>
        new(description, 0, 0, 0, 0, 0, 0, new(StringComparer.Ordinal), 0, IsDone: false);

    /// <summary>Null: nothing was packed into this folder.</summary>
    /// <exception cref="BadInputException">The file is none of ours.</exception>
    public static PackJournal? Load(string folder)
    {
        string path = PathIn(folder);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<PackJournal>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException)
        {
            throw new BadInputException(
                $"{path} was not written by this version of clipd data pack; name another folder, or say --overwrite.");
        }
    }

    /// <summary>Replaces the file whole: a kill leaves the old one or the new one.</summary>
    public void Save(string folder) => DurableFile.WriteAllBytes(PathIn(folder), JsonSerializer.SerializeToUtf8Bytes(this, Json));

    private static string PathIn(string folder) => Path.Combine(folder, FileName);
}
