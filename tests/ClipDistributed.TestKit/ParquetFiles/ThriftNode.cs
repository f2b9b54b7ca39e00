using System.Text;

namespace ClipDistributed.TestKit.ParquetFiles;

/// <summary>A value of Thrift's compact protocol, in which Parquet writes its headers: a tree that can be made to lie.</summary>
public abstract class ThriftNode
{
    private const int True = 1, False = 2, I32 = 5, I64 = 6, Binary = 8, ListType = 9, StructType = 12;

    public static implicit operator ThriftNode(int value) => new Number { Value = value, Type = I32 };

    public static implicit operator ThriftNode(long value) => new Number { Value = value, Type = I64 };

    public static implicit operator ThriftNode(string value) => new Text { Bytes = Encoding.UTF8.GetBytes(value) };

    public static implicit operator ThriftNode(bool value) => new Flag { IsSet = value };

    /// <summary>This node and all below it.</summary>
    public virtual IEnumerable<ThriftNode> All => [this];

    public byte[] ToBytes()
    {
        var bytes = new List<byte>();
        Write(bytes);
        return [.. bytes];
    }

    protected abstract int TypeNumber { get; }

    protected abstract void Write(List<byte> bytes);

    private static void WriteNumber(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }

    private static void WriteSigned(List<byte> bytes, long value) => WriteNumber(bytes, (ulong)(value << 1) ^ (ulong)(value >> 63));

    public sealed class Number : ThriftNode
    {
        public long Value { get; set; }

        public required int Type { get; set; }

        protected override int TypeNumber => Type;

        protected override void Write(List<byte> bytes) => WriteSigned(bytes, Value);
    }

    public sealed class Text : ThriftNode
    {
        public required byte[] Bytes { get; set; }

        /// <summary>The length that is written; null: the true one.</summary>
        public ulong? Claimed { get; set; }

        protected override int TypeNumber => Binary;

        protected override void Write(List<byte> bytes)
        {
            WriteNumber(bytes, Claimed ?? (ulong)Bytes.Length);
            bytes.AddRange(Bytes);
        }
    }

    public sealed class Flag : ThriftNode
    {
        public bool IsSet { get; set; }

        protected override int TypeNumber => IsSet ? True : False;

        protected override void Write(List<byte> bytes)
        {
        }
    }

    /// <summary>Elements are of one kind.</summary>
    public sealed class Sequence(params IEnumerable<ThriftNode> items) : ThriftNode
    {
        public List<ThriftNode> Items { get; } = [.. items];

        /// <summary>The length that is written; null: the true one.</summary>
        public ulong? Claimed { get; set; }

        public override IEnumerable<ThriftNode> All => Items.SelectMany(item => item.All).Prepend(this);

        protected override int TypeNumber => ListType;

        protected override void Write(List<byte> bytes)
        {
            bytes.Add((byte)(0xF0 | (Items.Count > 0 ? Items[0].TypeNumber : StructType)));
            WriteNumber(bytes, Claimed ?? (ulong)Items.Count);
            foreach (var item in Items)
                item.Write(bytes);
        }
    }

    /// <summary>Fields by their numbers, ascending; null: absent.</summary>
    public sealed class Record(params IEnumerable<(int Id, ThriftNode? Value)> fields) : ThriftNode
    {
        public SortedDictionary<int, ThriftNode> Fields { get; } =
            new(fields.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Id, pair => pair.Value!));

        public override IEnumerable<ThriftNode> All => Fields.Values.SelectMany(value => value.All).Prepend(this);

        protected override int TypeNumber => StructType;

        protected override void Write(List<byte> bytes)
        {
            foreach (var (id, value) in Fields)
            {
                bytes.Add((byte)value.TypeNumber); // the long form: the number follows
                WriteSigned(bytes, id);
                value.Write(bytes);
            }
            bytes.Add(0);
        }
    }
}
