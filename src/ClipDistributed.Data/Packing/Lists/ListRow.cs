namespace ClipDistributed.Data.Packing.Lists;

/// <summary>An image and one caption of it, as a list gives them.</summary>
/// <param name="Line">Where the row begins, from 1; in a JSON array the number of the entry.</param>
/// <param name="Image">As the list writes it; null: the row names none.</param>
/// <param name="Caption">Its text, blanks around it removed; null: there is a problem.</param>
/// <param name="Problem">Why the row cannot be used; completes "the row …".</param>
internal sealed record ListRow(long Line, string? Image, string? Caption, string? Problem = null)
{
    public const string NoImage = "names no image", NoCaption = "has no caption";
    public const string NotUtf8 = "is not UTF-8 (convert the list, for example with iconv)";

    /// <summary>What a byte that is not UTF-8 is read as: a character that no text holds.</summary>
    public const char Undecodable = '\uFFFF';

    public static ListRow Of(long line, string? image, string? caption, string? problem)
    {
        if (string.IsNullOrWhiteSpace(image))
            return new ListRow(line, null, null, problem ?? NoImage);
        if (problem is null && (image.Contains(Undecodable) || caption?.Contains(Undecodable) == true))
            problem = NotUtf8;
        if (problem is null && string.IsNullOrWhiteSpace(caption))
            problem = NoCaption;
        return new ListRow(line, image, problem is null ? caption!.Trim() : null, problem);
    }
}
