namespace ClipDistributed.TestKit.Processes;

/// <summary>How a command ended.</summary>
public sealed record ClipdResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The lines of standard error.</summary>
    public string[] ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
