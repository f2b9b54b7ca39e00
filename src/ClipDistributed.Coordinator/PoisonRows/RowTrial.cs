namespace ClipDistributed.Coordinator.PoisonRows;

/// <summary>A process that decodes rows to find out whether that crashes it.</summary>
/// <param name="Until">When it has taken too long.</param>
internal sealed record RowTrial(string Id, string Host, TimeSpan Until)
{
    /// <summary>A row takes milliseconds; a process that hangs instead shows nothing.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
}
