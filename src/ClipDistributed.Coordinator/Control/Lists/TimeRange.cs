using ClipDistributed.Contracts.Errors;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Control.Lists;

/// <summary>A stretch of time that a client asks for.</summary>
/// <param name="Since">UTC, itself included; null: from the beginning.</param>
/// <param name="Before">UTC, itself left out; null: to the end.</param>
internal sealed record TimeRange(DateTime? Since, DateTime? Before)
{
    private const long MinSeconds = -62135596800, MaxSeconds = 253402300799; // of the years 1 to 9999
    private const int Nanoseconds = 1_000_000_000;

    /// <param name="name">Of both fields, as in <c>submitted</c>.</param>
    /// <exception cref="BadInputException">Nothing lies between them, or one is not a time.</exception>
    public static TimeRange Of(Timestamp? since, Timestamp? before, string name)
    {
        var errors = new List<InputError>();
        var range = new TimeRange(Read(since, $"{name}_since", errors), Read(before, $"{name}_before", errors));
        if (range is { Since: { } first, Before: { } end } && first >= end)
            errors.Add(new InputError(
                $"{name}_before", $"{name}_before is not later than {name}_since; use a later time, or leave one out."));
        return errors.Count == 0 ? range : throw new BadInputException(errors);
    }

    public bool Contains(DateTime time) => (Since is null || time >= Since) && (Before is null || time < Before);

    /// <returns>UTC; null: there is none, or <paramref name="errors"/> say why it is not a time.</returns>
    public static DateTime? Read(Timestamp? time, string field, List<InputError> errors)
    {
        if (time is null or { Seconds: >= MinSeconds and <= MaxSeconds, Nanos: >= 0 and < Nanoseconds })
            return time?.ToDateTime();
        errors.Add(new InputError(field, $"{field} is not a time of the years 1 to 9999; correct it."));
        return null;
    }
}
