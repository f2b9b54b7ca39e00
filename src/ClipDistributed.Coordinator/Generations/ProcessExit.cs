namespace ClipDistributed.Coordinator.Generations;

/// <summary>How a replica's process ended.</summary>
/// <param name="Code">As of waitpid: 128 + signal where a signal ended it; null: its host does not know.</param>
/// <param name="Text">Its last words; may be empty.</param>
internal sealed record ProcessExit(int? Code, string Text)
{
    private static readonly Dictionary<int, string> Signals = new()
    {
        [1] = "SIGHUP", [2] = "SIGINT", [3] = "SIGQUIT", [4] = "SIGILL", [6] = "SIGABRT", [7] = "SIGBUS", [8] = "SIGFPE", [9] = "SIGKILL", [11] = "SIGSEGV", [13] = "SIGPIPE", [15] = "SIGTERM",
    };

    /// <summary>For example <c>was ended by signal 9 (SIGKILL)</c>.</summary>
    public string How => Code switch
    {
        null => "is no longer there",
        > 128 and var code when Signals.TryGetValue(code - 128, out string? name) => $"was ended by signal {code - 128} ({name})",
        > 128 and var code => $"was ended by signal {code - 128}",
        var code => $"exited with code {code}",
    };

    /// <summary>Its last words as one line; may be empty.</summary>
    public string Words => Text.Trim().ReplaceLineEndings(" | ");
}
