using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>By which a client may repeat a submission.</summary>
internal static class RequestId
{
    private const int MaxLength = 100;

    /// <param name="id">Empty: there is none.</param>
    /// <exception cref="BadInputException">It cannot be one.</exception>
    public static void Check(string id)
    {
        if (id.Length > MaxLength || !id.All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_' or '.' or ':'))
            throw new BadInputException([new InputError(
                "request_id", $"request_id is '{Excerpt.Of(id)}'; use letters, digits and -_.:, at most {MaxLength}, as in a UUID.")]);
    }
}
