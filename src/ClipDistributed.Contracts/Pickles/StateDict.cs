namespace ClipDistributed.Contracts.Pickles;

/// <summary>Finds the weights in what a file holds: a state_dict, a checkpoint with one in it, or the modules of TorchScript.</summary>
internal static class StateDict
{
    private const int MaxModuleDepth = 32, MaxVisited = 1_000_000, MaxTensors = 100_000, NamesShown = 8;
    private const long MaxNames = 64_000_000; // characters: modules that hold each other make long names of short ones

    private static readonly string[] Names = ["state_dict", "model_state_dict", "model"];

    /// <exception cref="InvalidDataException">It holds no weights.</exception>
    public static IEnumerable<(string Name, PickleTensor Value)> Of(object? root)
    {
        if (root is PickleObject module)
            return OfModule(module);
        if (root is not PickleDict dict)
            throw new InvalidDataException(
                $"it holds {(root is PickleTensor ? "one tensor" : "no dictionary")}; a state_dict or a checkpoint with one is needed");
        var weights = Names.Select(dict.Find).OfType<PickleDict>().FirstOrDefault(HasTensors) ?? dict;
        if (!HasTensors(weights))
        {
            var keys = dict.Items.Take(NamesShown).Select(item => TorchObjects.Shown(item.Key as string ?? "?"));
            throw new InvalidDataException(
                "it holds no state_dict, which maps names to tensors; its keys are "
                    + $"{(dict.Items.Count == 0 ? "none" : string.Join(", ", keys))}"
            );
        }
        if (weights.Items.Count(item => item.Value is PickleTensor) > MaxTensors)
            throw TooMany();
        // As Python: of a key that is set twice the last value counts.
        var found = new Dictionary<string, PickleTensor>();
        foreach (var (key, value) in weights.Items)
        {
            if (key is string name && value is PickleTensor tensor)
                found[name] = tensor;
        }
        return found.Select(item => (item.Key, item.Value));
    }

    private static InvalidDataException TooMany() => new($"it holds more than {MaxTensors} tensors; a model has some thousand");

    private static bool HasTensors(PickleDict dict) => dict.Items.Any(item => item is { Key: string, Value: PickleTensor });

    private static List<(string, PickleTensor)> OfModule(PickleObject root)
    {
        var found = new Dictionary<string, PickleTensor>();
        var waiting = new Stack<(PickleObject Module, string Prefix, int Depth)>([(root, "", 0)]);
        long names = 0;
        for (int visited = 0; waiting.TryPop(out var at);)
        {
            foreach (var (key, value) in at.Module.Attributes.Items)
            {
                if (++visited > MaxVisited || at.Depth > MaxModuleDepth)
                    throw new InvalidDataException("its modules are nested without end");
                names += key is string text ? at.Prefix.Length + text.Length : 0;
                if (names > MaxNames)
                    throw new InvalidDataException("the names of its modules grow without end");
                if (key is string name && value is PickleTensor tensor)
                    found[at.Prefix + name] = tensor;
                else if (key is string inner && value is PickleObject module)
                    waiting.Push((module, $"{at.Prefix}{inner}.", at.Depth + 1));
            }
        }
        if (found.Count > MaxTensors)
            throw TooMany();
        return found.Count > 0
            ? [.. found.Select(item => (item.Key, item.Value))]
            : throw new InvalidDataException("its modules hold no tensors");
    }
}
