using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Safetensors;

namespace ClipDistributed.Contracts.Pickles;

/// <summary>Builds tensors, containers and nothing else from what a pickle names and hands over.</summary>
/// <param name="script">See <see cref="TorchNames.Find"/>.</param>
internal sealed class TorchObjects(bool script = false)
{
    private const int MaxSides = 64; // as PyTorch
    private const int MaxNameLength = 80;
    private const long MaxValues = 1L << 40; // of a view that repeats values; sums over tensors stay numbers

    private readonly Dictionary<string, int> storages = [];

    /// <summary>Bytes of a value of each storage that was named.</summary>
    public IReadOnlyDictionary<string, int> Storages => storages;

    /// <exception cref="InvalidDataException">The name is not one that is built.</exception>
    public PickleGlobal Global(string module, string name) => TorchNames.Find(module, name, script)
        ?? throw new InvalidDataException(
            $"it names {Shown($"{module}.{name}")}; only tensors and containers are built, and nothing is executed. "
                + "Where you trust the file, load it with PyTorch and save the weights alone, as safetensors or by "
                + "torch.save(model.state_dict(), …)"
        );

    /// <summary>The storage that a tuple ('storage', class, key, device, count[, view]) stands for.</summary>
    public PickleStorage Persistent(object? id)
    {
        if (
            id
                is not PickleList
                {
                    Items: ["storage", PickleGlobal { Kind: GlobalKind.Storage } type, string key, _, long count, .. var rest]
                }
            || count < 0
        )
        {
            throw new InvalidDataException("it refers to something outside the pickle that is not storage");
        }
        int size = NumberFormats.SizeOf(type.Format!)!.Value;
        if (!storages.TryAdd(key, size) && storages[key] != size)
            throw new InvalidDataException($"storage {Shown(key)} has values of {storages[key]} and of {Counted.Plain(size, "byte")}");
        return rest switch
        {
            [] or [null] => new PickleStorage(key, type.Format!, count),
            [PickleList { Items: [_, long first, long length] }]
                when first >= 0 && length >= 0 && first <= count && length <= count - first =>
                new PickleStorage(key, type.Format!, length, first),
            _ => throw new InvalidDataException($"storage {Shown(key)} is a view that does not lie inside it"),
        };
    }

    public object? Call(object? callee, List<object?> arguments)
    {
        if (callee is not PickleGlobal global)
            throw new InvalidDataException("it calls what is not a function");
        return (global.Kind, arguments) switch
        {
            (GlobalKind.Dict, _) => Dict(arguments),
            (GlobalKind.List, []) => new PickleList([]),
            (GlobalKind.List, [PickleList items, ..]) => items,
            (GlobalKind.Nothing, _) => null,
            (GlobalKind.Object, _) => new PickleObject(global.Name),
            (GlobalKind.First or GlobalKind.Parameter, [var first, ..]) => first,
            (GlobalKind.Tensor, [PickleStorage storage, long offset, PickleList shape, PickleList strides, ..]) => Tensor(
                storage,
                storage.Format,
                offset,
                shape,
                strides
            ),
            (
                GlobalKind.TypedTensor,
                [
                    PickleStorage storage,
                    long offset,
                    PickleList shape,
                    PickleList strides,
                    _,
                    _,
                    PickleGlobal { Kind: GlobalKind.Format } type,
                    ..,
                ]
            ) => Tensor(storage, type.Format!, offset, shape, strides),
            (GlobalKind.FromType, [PickleGlobal { Kind: GlobalKind.Tensor or GlobalKind.TypedTensor } function, _, PickleList inner, ..]) =>
                Call(function, inner.Items),
            _ => throw new InvalidDataException($"it calls {Shown(global.Name)} with arguments that it does not take"),
        };
    }

    /// <summary>Attributes of an object; those of containers and tensors say nothing about weights.</summary>
    public void Build(object? target, object? state)
    {
        if (target is PickleObject made)
            made.Attributes.Items.AddRange(
                (state as PickleDict ?? throw new InvalidDataException($"{Shown(made.Name)} has attributes that are not a dictionary")
                ).Items);
        else if (target is not (PickleDict or PickleTensor or null))
            throw new InvalidDataException("it gives attributes to what has none");
    }

    /// <summary>As text from a file that is not trusted may stand in a message.</summary>
    public static string Shown(string text)
    {
        text = FileWords.Of(text, int.MaxValue);
        var shown = new StringBuilder("'");
        foreach (var rune in text.EnumerateRunes().Take(MaxNameLength))
            shown.Append(
                Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format ? "?" : rune.ToString()
            );
        return shown.Append(text.Length > MaxNameLength ? "…'" : "'").ToString();
    }

    /// <summary>OrderedDict(pairs), defaultdict(class), dict(other).</summary>
    private static PickleDict Dict(List<object?> arguments)
    {
        var dict = new PickleDict();
        foreach (object? argument in arguments)
        {
            if (argument is PickleList pairs)
            {
                foreach (object? pair in pairs.Items)
                {
                    dict.Items.Add(pair is PickleList { Items: [var key, var value] }
                        ? new(key, value)
                        : throw new InvalidDataException("a dictionary is made of what are not pairs"));
                }
            }
            else if (argument is PickleDict other)
            {
                dict.Items.AddRange(other.Items);
            }
        }
        return dict;
    }

    private static PickleTensor Tensor(PickleStorage storage, string format, long offset, PickleList shape, PickleList strides)
    {
        if (shape.Items.Count != strides.Items.Count || shape.Items.Count > MaxSides)
            throw new InvalidDataException(
                $"a tensor in storage {Shown(storage.Key)} has {shape.Items.Count} sides and "
                    + $"{strides.Items.Count} strides; PyTorch has at most {MaxSides} of each"
            );
        long[] sides = Numbers(shape, storage),
            steps = Numbers(strides, storage);
        if (offset < 0)
            throw Outside(storage, sides);
        try
        {
            // A side of 0 must not hide the others: their product has to be a number too.
            if (checked(sides.Aggregate(1L, (product, side) => product * Math.Max(side, 1))) > MaxValues)
                throw Outside(storage, sides);
            long last = checked(sides.Zip(steps).Aggregate(offset, (at, axis) => at + Math.Max(axis.First - 1, 0) * axis.Second));
            long bytes = checked((last + 1) * NumberFormats.SizeOf(format)!.Value),
                stored = checked(storage.Count * NumberFormats.SizeOf(storage.Format)!.Value);
            if (!sides.Contains(0) && bytes > stored)
                throw Outside(storage, sides);
        }
        catch (OverflowException)
        {
            throw Outside(storage, sides);
        }
        return new PickleTensor(storage, format, offset, sides, steps);
    }

    private static long[] Numbers(PickleList list, PickleStorage storage) =>
        [.. list.Items.Select(item => item is long and >= 0 and var number
            ? number
            : throw new InvalidDataException($"a tensor in storage {Shown(storage.Key)} has a side or stride that is not 0 or more"))];

    private static InvalidDataException Outside(PickleStorage storage, long[] sides) =>
        new(
            $"a tensor of shape [{string.Join(", ", sides.Take(8))}] reaches beyond its storage {Shown(storage.Key)} of "
                + $"{Counted.Plain(storage.Count, "value")}"
        );
}
