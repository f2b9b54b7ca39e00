namespace ClipDistributed.Data.Packing;

/// <summary>What a packed folder holds.</summary>
/// <param name="Shards">Finished Parquet files.</param>
/// <param name="Rows">Images with captions in them, and in what a stopped run goes on from.</param>
/// <param name="ImageBytes">Of the images in finished shards.</param>
/// <param name="RowsOfBefore">Rows that an earlier run had packed already.</param>
/// <param name="Captions">Where they come from, in words.</param>
/// <param name="Classes">How many; null: there are no labels.</param>
/// <param name="LeftOut">Images, and rows of the list, that were left out, by reason.</param>
/// <param name="LostRows">Those of them that are rows of the user's list.</param>
/// <param name="Transparent">Images that are transparent in parts, however many rows each has.</param>
/// <param name="Remaining">Images that a stopped run did not come to; 0: it is complete.</param>
public sealed record PackSummary(
    int Shards, long Rows, long ImageBytes, long RowsOfBefore, string Captions, int? Classes,
    IReadOnlyDictionary<string, LeftOutReason> LeftOut, long LostRows, long Transparent, int Remaining)
{
    /// <summary>Names all that was left out, in the folder of the shards.</summary>
    public const string LeftOutFile = Packing.LeftOutFile.FileName;

    /// <summary>Rows of the user's list first, the most frequent reason first.</summary>
    public IEnumerable<KeyValuePair<string, LeftOutReason>> Reasons =>
        LeftOut.OrderByDescending(reason => reason.Value.Rows).ThenByDescending(reason => reason.Value.Count);
}
