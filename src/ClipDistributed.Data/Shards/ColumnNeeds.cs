namespace ClipDistributed.Data.Shards;

/// <summary>What a reader wants of the columns beside the images.</summary>
public sealed record ColumnNeeds(ColumnNeed Captions, ColumnNeed Labels)
{
    /// <summary>Training: pairs.</summary>
    public static readonly ColumnNeeds Pairs = new(ColumnNeed.Required, ColumnNeed.Ignored);

    /// <summary>Zero-shot evaluation: classes.</summary>
    public static readonly ColumnNeeds Labelled = new(ColumnNeed.Ignored, ColumnNeed.Required);

    /// <summary>Embedding: nothing but images.</summary>
    public static readonly ColumnNeeds Images = new(ColumnNeed.Ignored, ColumnNeed.Ignored);

    /// <summary>A look at data that may have captions.</summary>
    public static readonly ColumnNeeds Looked = new(ColumnNeed.Usable, ColumnNeed.Welcome);
}

/// <summary>What a column is to its reader. One that the user names must be there and usable in any case.</summary>
public enum ColumnNeed
{
    /// <summary>Named in the manifest where its type has always been taken, so that digests stay as they are.</summary>
    Ignored,

    /// <summary>Used where it is found with any type that can be read.</summary>
    Welcome,

    /// <summary>There may be none, but one under a usual name must have a type that can be read.</summary>
    Usable,

    /// <summary>There must be one.</summary>
    Required,
}
