namespace ClipDistributed.Contracts.Spec;

/// <summary>The fields that a full spec may leave open, and what comes of that.</summary>
internal static class OpenFields
{
    /// <summary>By the field's own name; no two of them share one.</summary>
    public static readonly IReadOnlyDictionary<string, string> Meanings = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["image_column"] = "chosen when the run starts: found by its usual names",
        ["caption_column"] = "chosen when the run starts: found by its usual names",
        ["label_column"] = "chosen when it is needed, in validation: found by its usual names",
        ["shuffle_block"] = "chosen when the run starts: the rows of the largest block",
        ["streams"] = "chosen when the run starts: from batch.global",
        ["micro"] = "chosen when the run starts: at most 256 rows, on GPUs 4096, fewer where memory is short",
        ["tokenizer"] = "chosen when the run starts: that of init_from, else a vocabulary trained on the captions",
        ["init_from"] = "none: fresh weights from the seed",
        ["config"] = "none: the architecture of the preset, or of init_from",
        ["validation"] = "none: nothing is evaluated",
        ["location"] = "none: checkpoints stay in the run directory",
        ["zeroshot"] = "none: no zero-shot accuracy",
        ["preset"] = "none: of the file that is named below",
    };
}
