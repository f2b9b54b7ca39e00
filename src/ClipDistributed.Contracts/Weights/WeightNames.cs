using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Weights;

/// <summary>What training put around the names of a model's tensors, and tensors that are not weights.</summary>
public static class WeightNames
{
    // Of torch.compile, FullyShardedDataParallel and activation checkpointing, anywhere in a name.
    private static readonly string[] Wrappers = ["_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."];

    // Of DistributedDataParallel, before all names.
    private const string Distributed = "module.";

    // Masks and sizes that older OpenCLIP and OpenAI's archives store with the weights; every model makes its own.
    private static readonly HashSet<string> Idle =
        ["attn_mask", "text.attn_mask", "input_resolution", "context_length", "vocab_size", "text_model.embeddings.position_ids",
            "vision_model.embeddings.position_ids"];

    /// <summary>Whether a file of weights may hold this without meaning anything.</summary>
    public static bool IsIdle(string name) => Idle.Contains(name);

    /// <summary>Whether the names are those of Hugging Face's CLIPModel rather than OpenCLIP's.</summary>
    public static bool AreHuggingFace(IEnumerable<string> names) =>
        names.Any(
            name => name.StartsWith("vision_model.", StringComparison.Ordinal) || name.StartsWith("text_model.", StringComparison.Ordinal));

    /// <summary>Entries under the model's own names.</summary>
    /// <exception cref="BadInputException">Two tensors have the same name then.</exception>
    public static IReadOnlyDictionary<string, WeightEntry> Unwrap(IReadOnlyCollection<WeightEntry> entries)
    {
        var unwrapped = new Dictionary<string, WeightEntry>();
        string shared = SharedPrefix([.. entries.Select(entry => Plain(entry.Name))]);
        foreach (var entry in entries)
        {
            string name = Plain(entry.Name)[shared.Length..];
            if (!unwrapped.TryAdd(name, entry with { Name = name }))
                throw new BadInputException(
                    $"{entry.Path}: tensor '{FileWords.Of(name)}' is there twice, once as '{FileWords.Of(entry.Name)}'."
                );
        }
        return unwrapped;
    }

    private static string Plain(string name) =>
        Wrappers.Aggregate(name, (plain, wrapper) => plain.Replace(wrapper, "", StringComparison.Ordinal));

    private static string SharedPrefix(List<string> names)
    {
        string prefix = "";
        while (names.Count > 0 && names.All(name => name.AsSpan(prefix.Length).StartsWith(Distributed, StringComparison.Ordinal)))
            prefix += Distributed;
        return prefix;
    }
}
