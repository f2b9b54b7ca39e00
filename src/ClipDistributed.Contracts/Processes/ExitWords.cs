namespace ClipDistributed.Contracts.Processes;

/// <summary>How a process ended, human-readable: the same words wherever that is shown.</summary>
public static class ExitWords
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

    /// <summary>As in <c>exited with code 1</c> and <c>was ended by signal 9 (SIGKILL)</c>.</summary>
    /// <param name="code">As of waitpid: 128 + signal where a signal ended it.</param>
    public static string Of(int code) => code switch
    {
        > 128 when Signals.TryGetValue(code - 128, out string? name) => $"was ended by signal {code - 128} ({name})",
        > 128 => $"was ended by signal {code - 128}",
        _ => $"exited with code {code}",
    };
}
