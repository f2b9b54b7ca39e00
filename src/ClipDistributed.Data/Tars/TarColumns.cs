using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Tars;

/// <summary>
/// Which members of a sample are its image, caption and label. In a manifest they are columns: the endings of the images with
/// semicolons between, as in "jpg;png"; for the others an ending, or "json.NAME" for a value of the JSON member.
/// </summary>
internal sealed class TarColumns
{
    private const string Json = "json", FieldPrefix = "json.", Auto = "auto";
    private const int MembersLookedAt = 16, MaxShown = 40;

    private static readonly string[] UsualImages = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "jp2"];
    private static readonly string[] UsualCaptions = ["txt", "text", "caption"];
    private static readonly string[] UsualCaptionFields = ["caption", "text", "alt_text", "alt", "title"];
    private static readonly string[] UsualLabels = ["cls", "label", "class"];
    private static readonly string[] UsualLabelFields = ["label", "cls", "class", "class_id", "category"];

    private readonly string? caption, label;

    private TarColumns(string images, string? caption, string? label)
    {
        ImageColumn = images;
        (this.caption, this.label) = (caption, label);
        Images = EndingsOf(images);
        CaptionMember = MemberOf(caption);
        LabelMember = MemberOf(label);
    }

    public string ImageColumn { get; }

    /// <summary>Endings; a sample's image is the first of them that it has.</summary>
    public IReadOnlyList<string> Images { get; }

    /// <summary>The ending; empty: there are no captions.</summary>
    public IReadOnlyList<string> CaptionMember { get; }

    public IReadOnlyList<string> LabelMember { get; }

    /// <summary>Of the JSON member; null: the member is the caption itself.</summary>
    public string? CaptionField => FieldOf(caption);

    public string? LabelField => FieldOf(label);

    public static TarColumns Of(ShardEntry shard) => new(shard.ImageColumn, shard.CaptionColumn, shard.LabelColumn);

    /// <param name="named">Names of columns; empty or auto: by the usual endings.</param>
    /// <exception cref="BadInputException">Every column that is missing.</exception>
    public static ShardEntry Choose(IByteSource source, TarSamples samples, SourceSpec named, ColumnNeeds needs)
    {
        var errors = new List<string>();
        string[] endings = [.. samples.Endings.Select(ending => ending.Ending)];
        string? images = ChooseImages();
        string? caption = ChooseOther("caption", named.CaptionColumn, UsualCaptions, UsualCaptionFields, needs.Captions);
        string? label = ChooseOther("label", named.LabelColumn, UsualLabels, UsualLabelFields, needs.Labels);
        return errors.Count == 0
            ? new ShardEntry(source.Path, source.Length, [], images!, caption, label)
            : throw new BadInputException(errors);

        string? ChooseImages()
        {
            bool isNamed = IsNamed(named.ImageColumn);
            string[] found = [.. (isNamed ? EndingsOf(named.ImageColumn) : UsualImages).Where(endings.Contains)];
            if (found.Length == 0)
                errors.Add(Missing("image", isNamed ? named.ImageColumn : null, UsualImages));
            return found.Length == 0 ? null : string.Join(';', found);
        }

        string? ChooseOther(string role, string name, string[] usual, string[] fields, ColumnNeed need)
        {
            bool isNamed = IsNamed(name);
            bool mayLook = isNamed || need != ColumnNeed.Ignored;
            string? found = (isNamed ? [name.ToLowerInvariant()] : usual).FirstOrDefault(endings.Contains)
                ?? (mayLook ? Field(isNamed ? [Bare(name)] : fields) : null);
            if (found is null && (isNamed || need == ColumnNeed.Required))
                errors.Add(Missing(role, isNamed ? name : null, usual));
            return found;
        }

        string? Field(string[] fields)
        {
            var seen = samples.First(Json, MembersLookedAt).SelectMany(place => JsonField.Names(JsonField.Load(source, place))).ToHashSet();
            return fields.FirstOrDefault(seen.Contains) is { } field ? FieldPrefix + field : null;
        }

        string Missing(string role, string? name, string[] usual)
        {
            string which = name is not null
                ? $"'{Excerpt.Of(name)}'"
                : $"under a usual ending ({string.Join(", ", usual.Take(4).Select(ending => $".{ending}"))}"
                    + $"{(usual.Length > 4 ? ", …" : "")})";
            string json = role != "image" && endings.Contains(Json) ? ", nor a value of that name in its .json members" : "";
            return $"{source.Path} has no {role} member {which}{json}; its members end in "
                + $"{FileWords.List(endings.Select(ending => $".{FileWords.Of(ending, MaxShown)}"), endings.Length)}. "
                + $"Name one of them in {role}_column.";
        }
    }

    /// <summary>image, caption or label; null: members of this ending are not used.</summary>
    public string? UseOf(string ending) =>
        Images.Contains(ending) ? "image"
        : CaptionMember.Contains(ending) ? "caption"
        : LabelMember.Contains(ending) ? "label"
        : null;

    private static bool IsNamed(string name) => name is not ("" or Auto);

    private static string[] EndingsOf(string images) =>
        [.. images.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(ending => ending.Trim().TrimStart('.').ToLowerInvariant())];

    private static string Bare(string name) => name.StartsWith(FieldPrefix, StringComparison.Ordinal) ? name[FieldPrefix.Length..] : name;

    private static string? FieldOf(string? column) =>
        column?.StartsWith(FieldPrefix, StringComparison.Ordinal) == true ? column[FieldPrefix.Length..] : null;

    private static IReadOnlyList<string> MemberOf(string? column) => column is null ? [] : FieldOf(column) is null ? [column] : [Json];
}
