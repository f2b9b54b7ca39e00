namespace ClipDistributed.Contracts.Spec.Text;

/// <summary>A value in the text of a spec.</summary>
/// <param name="Where">File and line, or the option that gave it: how errors begin.</param>
internal abstract record SpecNode(string Where);

/// <param name="IsPlain">Written without quotes, so that it may be null, a number or a name.</param>
internal sealed record SpecScalar(string Text, bool IsPlain, string Where) : SpecNode(Where)
{
    /// <summary>The core schema's null (YAML 1.2, 10.3.2).</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
}

internal sealed record SpecList(IReadOnlyList<SpecNode> Items, string Where) : SpecNode(Where);

internal sealed record SpecMap(IReadOnlyList<SpecEntry> Entries, string Where) : SpecNode(Where);

/// <param name="Where">Of the key.</param>
internal sealed record SpecEntry(string Key, SpecNode Value, string Where);
