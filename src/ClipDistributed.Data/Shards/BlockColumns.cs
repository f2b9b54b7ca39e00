namespace ClipDistributed.Data.Shards;

/// <summary>The columns of a shard that are wanted; the others are not read from disk.</summary>
[Flags]
public enum BlockColumns
{
    Image = 1,
    Caption = 2,
    Label = 4,
}
