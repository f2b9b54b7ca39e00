using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.ParquetFiles;

/// <summary>Builds the tree of columns from a footer's flat list of schema elements.</summary>
internal sealed class SchemaReader
{
    private const int MaxDepth = 32, MaxElements = 100_000;
    private const int Required = 0, Optional = 1, Repeated = 2;

    private readonly List<Element> elements;
    private int next, leaves;

    private SchemaReader(List<Element> elements) => this.elements = elements;

    /// <summary>The columns, and how many chunks a row group has.</summary>
    /// <exception cref="InvalidDataException">The list is not a tree, or a larger one than any data set needs.</exception>
    public static (IReadOnlyList<SchemaNode> Columns, int Leaves) Read(ref CompactReader reader, int type)
    {
        int count = reader.TakeListLength(type, out _);
        if (count is 0 or > MaxElements)
            throw new InvalidDataException($"its schema has {Counted.Of(count, "column")}; from 1 to {MaxElements:N0} are read");
        var elements = new List<Element>(count);
        for (int i = 0; i < count; i++)
            elements.Add(ReadElement(ref reader));
        var tree = new SchemaReader(elements) { next = 1 };
        var columns = tree.ReadChildren(elements[0].Children, definition: 0, repetition: 0, depth: 0);
        return tree.next == count ? (columns, tree.leaves) : throw Broken();
    }

    private List<SchemaNode> ReadChildren(int count, int definition, int repetition, int depth)
    {
        if (depth > MaxDepth)
            throw new InvalidDataException($"its schema is nested deeper than {MaxDepth} levels");
        if (count < 0 || count > elements.Count - next)
            throw Broken();
        var children = new List<SchemaNode>(count);
        for (int i = 0; i < count; i++)
            children.Add(ReadNode(definition, repetition, depth));
        return children;
    }

    private SchemaNode ReadNode(int definition, int repetition, int depth)
    {
        if (next == elements.Count)
            throw Broken();
        var element = elements[next++];
        definition += element.Repetition == Required ? 0 : 1;
        repetition += element.Repetition == Repeated ? 1 : 0;
        if (element.Physical is null)
        {
            var children = ReadChildren(element.Children, definition, repetition, depth + 1);
            var group = element.Kind is ValueKind.List or ValueKind.Map ? element.Kind.Value
                : element.Repetition == Repeated ? ValueKind.List
                : ValueKind.Struct;
            return new SchemaNode(element.Name, group, null, 0, 0, 0, definition, repetition, -1, children);
        }
        if (element.Children > 0 || (element.Physical == PhysicalType.FixedBytes && element.FixedLength <= 0))
            throw Broken();
        var kind = element.Repetition == Repeated ? ValueKind.List : element.Kind ?? Plain(element.Physical.Value);
        return new SchemaNode(
            element.Name, kind, element.Physical, element.FixedLength, element.Precision, element.Scale, definition, repetition, leaves++,
                []);
    }

    private static Element ReadElement(ref CompactReader reader)
    {
        var element = new Element();
        bool isNamed = false;
        int id = 0;
        while (reader.NextField(ref id, out int type))
        {
            switch (id)
            {
                case 1:
                    element.Physical = reader.TakeInt32(type) is >= 0 and <= 7 and var physical ? (PhysicalType)physical : throw Broken();
                    break;
                case 2:
                    element.FixedLength = reader.TakeInt32(type);
                    break;
                case 3:
                    element.Repetition = reader.TakeInt32(type) is >= Required and <= Repeated and var repetition
                        ? repetition
                        : throw Broken();
                    break;
                case 4:
                    element.Name = reader.TakeText(type);
                    isNamed = true;
                    break;
                case 5:
                    element.Children = reader.TakeInt32(type);
                    break;
                case 6:
                    element.Kind ??= OfConverted(reader.TakeInt32(type));
                    break;
                case 7:
                    element.Scale = reader.TakeInt32(type);
                    break;
                case 8:
                    element.Precision = reader.TakeInt32(type);
                    break;
                case 10 when type == CompactReader.Struct:
                    ReadLogical(ref reader, element);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
        return isNamed ? element : throw Broken();
    }

    /// <summary>A union: one field whose number is the type. Wins over the older converted type.</summary>
    private static void ReadLogical(ref CompactReader reader, Element element)
    {
        int id = 0;
        while (reader.NextField(ref id, out int type))
        {
            if (id == 10 && type == CompactReader.Struct)
            {
                element.Kind = ReadInteger(ref reader);
                continue;
            }
            reader.Skip(type);
            element.Kind = id switch
            {
                1 or 4 or 12 => ValueKind.Text,
                2 => ValueKind.Map,
                3 => ValueKind.List,
                5 => ValueKind.Decimal, // precision and scale stand in the element too
                6 => ValueKind.Date,
                7 => ValueKind.Time,
                8 => ValueKind.Timestamp,
                11 => ValueKind.Null,
                13 => ValueKind.Bytes,
                14 => ValueKind.Uuid,
                15 => ValueKind.Half,
                _ => element.Kind,
            };
        }
    }

    private static ValueKind? ReadInteger(ref CompactReader reader)
    {
        int id = 0, width = 0;
        bool signed = false;
        while (reader.NextField(ref id, out int type))
        {
            if (id == 1)
                width = reader.TakeInt32(type);
            else if (id == 2)
                signed = reader.TakeBoolean(type);
            else
                reader.Skip(type);
        }
        return width switch
        {
            8 => signed ? ValueKind.Int8 : ValueKind.UInt8,
            16 => signed ? ValueKind.Int16 : ValueKind.UInt16,
            32 => signed ? ValueKind.Int32 : ValueKind.UInt32,
            64 => signed ? ValueKind.Int64 : ValueKind.UInt64,
            _ => null,
        };
    }

    private static ValueKind? OfConverted(int type) => type switch
    {
        0 or 4 or 19 => ValueKind.Text,
        1 or 2 => ValueKind.Map,
        3 => ValueKind.List,
        5 => ValueKind.Decimal,
        6 => ValueKind.Date,
        7 or 8 => ValueKind.Time,
        9 or 10 => ValueKind.Timestamp,
        >= 11 and <= 14 => ValueKind.UInt8 + (type - 11),
        >= 15 and <= 18 => ValueKind.Int8 + (type - 15),
        20 => ValueKind.Bytes,
        21 => ValueKind.Interval,
        _ => null,
    };

    private static ValueKind Plain(PhysicalType physical) => physical switch
    {
        PhysicalType.Boolean => ValueKind.Bool,
        PhysicalType.Int32 => ValueKind.Int32,
        PhysicalType.Int64 => ValueKind.Int64,
        PhysicalType.Int96 => ValueKind.Timestamp,
        PhysicalType.Float => ValueKind.Float,
        PhysicalType.Double => ValueKind.Double,
        _ => ValueKind.Bytes,
    };

    private static InvalidDataException Broken() => new("its schema is damaged");

    private sealed class Element
    {
        public PhysicalType? Physical;
        public int FixedLength, Repetition, Children, Scale, Precision;
        public ValueKind? Kind;
        public string Name = "";
    }
}
