namespace ClipDistributed.Coordinator.PoisonRows;

/// <summary>A process that decodes rows, to find those that crash the decoder.</summary>
/// <param name="Until">When it times out.</param>
internal sealed record RowTrial(string Id, string Host, TimeSpan Until)
{
    /// <summary>Decoding a row takes milliseconds; a hang is no evidence about a row.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
}
