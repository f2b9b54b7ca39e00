namespace ClipDistributed.Data.Tars;

/// <summary>A tar cannot be read beyond some place: it is cut short, or a header is damaged.</summary>
/// <param name="reason">In words, with the place.</param>
/// <param name="member">The member that is there in part; null: it is not known.</param>
internal sealed class BrokenTarException(string reason, string? member = null) : Exception(reason)
{
    public string? Member { get; } = member;
}
