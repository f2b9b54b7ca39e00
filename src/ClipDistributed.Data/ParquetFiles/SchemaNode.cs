using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.ParquetFiles;

/// <summary>A column, or a group of columns, of a Parquet file.</summary>
/// <param name="Name">As the file has it.</param>
/// <param name="Kind">What its values are.</param>
/// <param name="Physical">How they are stored; null: a group.</param>
/// <param name="FixedLength">Bytes of a value of <see cref="PhysicalType.FixedBytes"/>.</param>
/// <param name="Precision">Digits of a decimal number.</param>
/// <param name="Scale">Digits of a decimal number after the point.</param>
/// <param name="MaxDefinition">The definition level of a value that is there: optional and repeated nodes down to this one.</param>
/// <param name="MaxRepetition">Repeated nodes down to this one.</param>
/// <param name="Leaf">The place of its chunk in a row group; -1: a group.</param>
/// <param name="Children">Of a group.</param>
internal sealed record SchemaNode(
    string Name, ValueKind Kind, PhysicalType? Physical, int FixedLength, int Precision, int Scale, int MaxDefinition, int MaxRepetition,
    int Leaf, IReadOnlyList<SchemaNode> Children)
{
    /// <summary>The type for a message.</summary>
    public string TypeName => Kind switch
    {
        ValueKind.List => $"list<{ElementName}>",
        ValueKind.Map => "map",
        ValueKind.Struct => "struct {" + FileWords.List(Children.Select(child => child.Name), Children.Count) + "}",
        ValueKind.Decimal => $"decimal({Precision}, {Scale})",
        _ => Kind.ToString().ToLowerInvariant(),
    };

    /// <summary>A list is a group around a repeated group around its elements, or a repeated node by itself.</summary>
    private string ElementName
    {
        get
        {
            var node = Children.Count == 1 ? Children[0] : this;
            if (node.Physical is null && node.Children.Count == 1)
                node = node.Children[0];
            return node == this ? Physical is null ? "struct" : Physical.Value.ToString().ToLowerInvariant() : node.TypeName;
        }
    }
}

/// <summary>How a value is stored; numbers as in parquet.thrift.</summary>
internal enum PhysicalType
{
    Boolean,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    Bytes,
    FixedBytes,
}

/// <summary>What the values of a column are.</summary>
internal enum ValueKind
{
    Struct,
    List,
    Map,
    Text,
    Bytes,
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Half,
    Float,
    Double,
    Decimal,
    Date,
    Time,
    Timestamp,
    Interval,
    Uuid,
    Null,
}
