namespace ClipDistributed.TestKit.ParquetFiles;

/// <summary>What is changed in the structures of a Parquet file, or in its bytes, so that they lie.</summary>
/// <param name="random">Decides; it is that of the whole file.</param>
internal sealed class ParquetLies(Random random)
{
    public void In(ThriftNode node)
    {
        switch (node)
        {
            case ThriftNode.Number number:
                number.Value = Number(number.Value);
                if (random.Next(10) == 0)
                    number.Type = random.Next(1, 13);
                break;
            case ThriftNode.Text text:
                if (random.Next(2) == 0)
                    text.Claimed = (ulong)Number(text.Bytes.Length);
                else
                    text.Bytes = new byte[random.Next(1 << random.Next(1, 20))];
                break;
            case ThriftNode.Flag flag:
                flag.IsSet = !flag.IsSet;
                break;
            case ThriftNode.Sequence list:
                In(list);
                break;
            case ThriftNode.Record { Fields.Count: > 0 } inner when random.Next(2) == 0:
                inner.Fields.Remove(inner.Fields.Keys.ElementAt(random.Next(inner.Fields.Count)));
                break;
            case ThriftNode.Record inner: // nested deeper and deeper, in a field that no reader knows or in one that all know
                ThriftNode deep = new ThriftNode.Record();
                for (int i = random.Next(1, 3_000); i > 0; i--)
                    deep = random.Next(2) == 0 ? new ThriftNode.Record((random.Next(1, 12), deep)) : new ThriftNode.Sequence(deep);
                inner.Fields[random.Next(1, 20)] = deep;
                break;
        }
    }

    private void In(ThriftNode.Sequence list)
    {
        if (list.Items is [ThriftNode.Record first, ..] && first.Fields.ContainsKey(4) && random.Next(2) == 0) // a schema: groups in groups
        {
            int depth = 1 << random.Next(1, 15);
            list.Items.InsertRange(
                1,
                Enumerable
                    .Range(0, depth)
                    .Select(i => LyingParquet.Column($"g{i}", null, random.Next(2) == 0, children: i == depth - 1 ? 3 : 1))
            );
            ((ThriftNode.Record)list.Items[0]).Fields[5] = 1;
        }
        else if (list.Items.Count > 0 && random.Next(2) == 0) // many of a kind
        {
            list.Items.AddRange(Enumerable.Repeat(list.Items[^1], 1 << random.Next(1, 13)));
        }
        else
        {
            list.Claimed = (ulong)Number(list.Items.Count);
        }
    }

    private long Number(long truth) => random.Next(8) switch
    {
        0 => -1,
        1 => 0,
        2 => truth + random.Next(-3, 4),
        3 => int.MaxValue,
        4 => int.MaxValue + 1L,
        5 => long.MaxValue,
        6 => 1L << random.Next(63),
        _ => random.NextInt64() >> random.Next(64),
    };

    public byte[] InBytes(byte[] bytes)
    {
        byte[] changed = [.. bytes];
        if (changed.Length == 0)
            return changed;
        for (int i = random.Next(1, 4); i > 0; i--)
            changed[random.Next(changed.Length)] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
        return random.Next(4) == 0 ? changed[..random.Next(changed.Length)] : changed;
    }
}
