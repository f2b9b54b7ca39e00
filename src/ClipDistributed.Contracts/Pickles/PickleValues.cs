namespace ClipDistributed.Contracts.Pickles;

// What a pickle builds besides numbers, strings and null. Classes without value equality: hostile data refers to itself.

/// <summary>A list, tuple or set.</summary>
internal sealed class PickleList(List<object?> items)
{
    public List<object?> Items { get; } = items;
}

/// <summary>A dictionary of any kind; keys are looked for one by one, so that no hash depends on the data.</summary>
internal sealed class PickleDict
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];

    /// <summary>The value of a key, the last one where it is there twice.</summary>
    public object? Find(string key) => Items.LastOrDefault(item => item.Key as string == key).Value;
}

/// <summary>An instance of a class that is kept for its attributes alone.</summary>
internal sealed class PickleObject(string name)
{
    public string Name { get; } = name;

    public PickleDict Attributes { get; } = new();
}

/// <summary>A class or function of the few that are known.</summary>
internal sealed class PickleGlobal(GlobalKind kind, string name, string? format = null)
{
    public GlobalKind Kind { get; } = kind;

    public string Name { get; } = name;

    /// <summary>Of a storage class or a dtype: its number format.</summary>
    public string? Format { get; } = format;
}

/// <summary>Values that lie in the file beside the pickle.</summary>
/// <param name="count">How many of them.</param>
/// <param name="first">The first of them, where this is a view of a larger storage.</param>
internal sealed class PickleStorage(string key, string format, long count, long first = 0)
{
    public string Key { get; } = key;

    public string Format { get; } = format;

    public long Count { get; } = count;

    public long First { get; } = first;
}

/// <summary>A view of a storage, checked to lie inside it.</summary>
/// <param name="offset">Of its first element, counted in elements from the storage's first.</param>
internal sealed class PickleTensor(PickleStorage storage, string format, long offset, long[] shape, long[] strides)
{
    public PickleStorage Storage { get; } = storage;

    public string Format { get; } = format;

    public long Offset { get; } = offset;

    public long[] Shape { get; } = shape;

    public long[] Strides { get; } = strides;
}
