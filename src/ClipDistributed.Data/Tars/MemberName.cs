namespace ClipDistributed.Data.Tars;

/// <summary>
/// The name of a member, as WebDataset reads it: the sample's key, which is all before the first point of the file's name, and the
/// ending, which says what part of the sample it is. The key is compared and shown, and is never a path.
/// </summary>
/// <param name="Ending">In lower case, without the first point: "jpg", or "mask.png".</param>
internal readonly record struct MemberName(string Key, string Ending)
{
    /// <summary>Null: the member belongs to no sample; its name has no point, begins with one, or is a note of WebDataset's own.</summary>
    public static MemberName? Of(string name)
    {
        int file = name.LastIndexOf('/') + 1;
        int point = name.IndexOf('.', file);
        bool isNote = name.AsSpan(file).StartsWith("__", StringComparison.Ordinal);
        return point <= file || point == name.Length - 1 || isNote
            ? null
            : new MemberName(name[..point], name[(point + 1)..].ToLowerInvariant());
    }
}
