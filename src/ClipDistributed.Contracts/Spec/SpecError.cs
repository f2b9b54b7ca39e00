using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Spec;

/// <summary>Something that is wrong with a spec.</summary>
/// <param name="Path">As in <c>batch.global</c>; empty: the spec as a whole.</param>
/// <param name="Text">One line, which names the path.</param>
/// <param name="Others">Other fields that it follows from.</param>
internal sealed record SpecError(string Path, string Text, params string[] Others)
{
    private const int MaxLine = 1_000;

    /// <summary>Human-readable: what a damaged file holds may be long.</summary>
    public string Line => Excerpt.Of(Text, MaxLine);

    public InputError Found => new(Path.Trim(), Line);

    /// <summary>Whether it may only follow from another one, which is at the same place, above or below.</summary>
    public bool FollowsFrom(SpecError cause) => Others.Append(Path).Any(path => Holds(path, cause.Path) || Holds(cause.Path, path));

    private static bool Holds(string whole, string part) =>
        part.StartsWith(whole, StringComparison.Ordinal)
            && (part.Length == whole.Length || whole == "" || part[whole.Length] is '.' or '[');
}
