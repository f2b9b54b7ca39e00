namespace ClipDistributed.Contracts.Errors;

/// <summary>
/// What the user gave cannot be used. Each error is one line that says what, where, what is allowed and what to do; a line that quotes
/// something very long loses its middle, and of very many lines the last are counted. Printed without a stack; the process ends with
/// exit code 2 and is never retried.
/// </summary>
public sealed class BadInputException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, Bounded(errors)))
{
    private const int MaxErrors = 50, MaxLine = 2_000;

    public BadInputException(string error)
        : this([error])
    {
    }

    public IReadOnlyList<string> Errors { get; } = Bounded(errors);

    private static List<string> Bounded(IReadOnlyList<string> errors) =>
    [
        .. errors.Take(MaxErrors).Select(error => Excerpt.Ends(error, MaxLine)),
        .. errors.Count > MaxErrors ? new[] { $"{Counted.Of(errors.Count - MaxErrors, "more error")} of this kind." } : [],
    ];
}
