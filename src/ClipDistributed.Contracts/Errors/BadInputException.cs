namespace ClipDistributed.Contracts.Errors;

/// <summary>
/// What the user gave cannot be used. Each error is one line that says what, where, what is allowed and what to do.
/// Printed without a stack; the process ends with exit code 2 and is never retried.
/// </summary>
public sealed class BadInputException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    public BadInputException(string error)
        : this([error])
    {
    }

    public IReadOnlyList<string> Errors { get; } = errors;
}
