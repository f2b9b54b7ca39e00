using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Contracts.Records;

/// <summary>What the user should know, as a record.</summary>
public static class NoticeRecord
{
    /// <param name="step">The last applied step; 0: none, or it does not matter.</param>
    /// <param name="text">One or more sentences.</param>
    public static RunRecord Of(long step, string text) => new() { Notice = new RunNotice { Step = step, Text = text } };
}
