using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>How a replica's process ended.</summary>
/// <param name="Code">As of waitpid: 128 + signal where a signal ended it; null: not known.</param>
/// <param name="Text">The end of its output; may be empty.</param>
/// <param name="RowsBegun">Of a trial: how many of its rows it had begun.</param>
internal sealed record ProcessExit(int? Code, string Text, int RowsBegun = 0)
{
    /// <summary>It crashed: it ended by a signal that other processes do not send.</summary>
    public bool IsCrash => Code is 128 + 4 or 128 + 6 or 128 + 7 or 128 + 8 or 128 + 11;

    /// <summary>For example <c>was ended by signal 9 (SIGKILL)</c>.</summary>
    public string How => Code is { } code ? ExitWords.Of(code) : "no longer runs";

    /// <summary>The end of its output as one line; may be empty.</summary>
    public string LastOutput => Text.Trim().ReplaceLineEndings(" | ");
}
