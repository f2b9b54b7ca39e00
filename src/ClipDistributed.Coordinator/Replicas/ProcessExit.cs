namespace ClipDistributed.Coordinator.Replicas;

/// <summary>How a replica's process ended.</summary>
/// <param name="Code">As of waitpid: 128 + signal where a signal ended it; null: not known.</param>
/// <param name="Text">The end of its output; may be empty.</param>
/// <param name="RowsBegun">Of a trial: how many of its rows it had begun.</param>
internal sealed record ProcessExit(int? Code, string Text, int RowsBegun = 0)
{
    private static readonly Dictionary<int, string> Signals = new()
    {
        [1] = "SIGHUP",
        [2] = "SIGINT",
        [3] = "SIGQUIT",
        [4] = "SIGILL",
        [6] = "SIGABRT",
        [7] = "SIGBUS",
        [8] = "SIGFPE",
        [9] = "SIGKILL",
        [11] = "SIGSEGV",
        [13] = "SIGPIPE",
        [15] = "SIGTERM",
    };

    /// <summary>It crashed: it ended by a signal that other processes do not send.</summary>
    public bool IsCrash => Code is 128 + 4 or 128 + 6 or 128 + 7 or 128 + 8 or 128 + 11;

    /// <summary>For example <c>was ended by signal 9 (SIGKILL)</c>.</summary>
    public string How => Code switch
    {
        null => "no longer runs",
        > 128 and var code when Signals.TryGetValue(code - 128, out string? name) => $"was ended by signal {code - 128} ({name})",
        > 128 and var code => $"was ended by signal {code - 128}",
        var code => $"exited with code {code}",
    };

    /// <summary>The end of its output as one line; may be empty.</summary>
    public string LastOutput => Text.Trim().ReplaceLineEndings(" | ");
}
