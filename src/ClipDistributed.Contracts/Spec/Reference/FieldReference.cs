namespace ClipDistributed.Contracts.Spec.Reference;

/// <summary>What a reader needs to know about one field of a spec.</summary>
/// <param name="Path">As in <c>batch.global</c> and <c>data.train[].path</c>.</param>
/// <param name="Name">Its key alone.</param>
/// <param name="Type">As in <c>whole number, auto</c>.</param>
/// <param name="Unit">Null: it is not a number, or one without a unit.</param>
/// <param name="Allowed">As in <c>a whole number from 1 to 4294967295</c>; null: its type says all.</param>
/// <param name="Default">In a word or two; null: it is a section.</param>
/// <param name="LeftOut">What happens where it is left out, where that needs a sentence; else null.</param>
/// <param name="Meaning">From its comment in the proto, on one line.</param>
/// <param name="Choices">The values of an enum, each with its meaning.</param>
/// <param name="Section">The path of the section that it opens; null: it holds a value.</param>
public sealed record FieldReference(
    string Path, string Name, string Type, string? Unit, string? Allowed, string? Default, string? LeftOut, string Meaning,
    IReadOnlyList<(string Name, string Meaning)> Choices, string? Section);
