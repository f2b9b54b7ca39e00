namespace ClipDistributed.Contracts.Errors;

/// <summary>
/// What the user gave cannot be used. Each error is one line that says what, where, what is allowed and what to do; a line that quotes
/// something very long loses its middle, and of very many lines the last are counted. Printed without a stack; the process ends with
/// exit code 2 and is never retried.
/// </summary>
public sealed class BadInputException(IReadOnlyList<InputError> found)
    : Exception(string.Join(Environment.NewLine, Bounded(found).Select(error => error.Text)))
{
    private const int MaxErrors = 50, MaxLine = 2_000;

    public BadInputException(IReadOnlyList<string> errors)
        : this([.. errors.Select(error => new InputError("", error))])
    {
    }

    public BadInputException(string error)
        : this([error])
    {
    }

    /// <summary>Each with its field.</summary>
    public IReadOnlyList<InputError> Found { get; } = Bounded(found);

    /// <summary>It is the GPU of this process that cannot be used: replicas on other devices of the host are not affected.</summary>
    public bool OfDevice { get; init; }

    /// <summary>Their lines.</summary>
    public IReadOnlyList<string> Errors => [.. Found.Select(error => error.Text)];

    /// <summary>The same, found in a message that is itself a field of another one.</summary>
    public BadInputException Within(string field) =>
        new([.. Found.Select(error => error with { Field = error.Field == "" ? field : $"{field}.{error.Field}" })]);

    private static List<InputError> Bounded(IReadOnlyList<InputError> errors) =>
    [
        .. errors.Take(MaxErrors).Select(error => error with { Text = Excerpt.Ends(error.Text, MaxLine) }),
        .. errors.Count > MaxErrors
            ? new[] { new InputError("", $"{Counted.Of(errors.Count - MaxErrors, "more error")} of this kind.") }
            : [],
    ];
}
