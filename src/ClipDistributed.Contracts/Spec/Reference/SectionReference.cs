namespace ClipDistributed.Contracts.Spec.Reference;

/// <summary>The fields of one mapping of a spec.</summary>
/// <param name="Path">As in <c>evaluate.zeroshot</c>; empty: the top of the spec.</param>
/// <param name="SamePaths">Where else a mapping of the same fields stands.</param>
public sealed record SectionReference(
    string Path, IReadOnlyList<string> SamePaths, string Meaning, IReadOnlyList<FieldReference> Fields);
