using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.HardInput;

/// <summary>How a command may end on input that it cannot use.</summary>
internal static class CommandEnds
{
    /// <summary>One line of error that holds all of these.</summary>
    public static void AssertRefused(ClipdResult done, params string[] expected)
    {
        AssertClear(done, exitCode: 2);
        string line = Assert.Single(done.ErrorLines);
        Assert.All(expected, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }

    /// <summary>Without a stack.</summary>
    public static void AssertClear(ClipdResult done, int exitCode)
    {
        Assert.True(done.ExitCode == exitCode, $"exit code {done.ExitCode}: {done.Output}{done.Errors}");
        Assert.DoesNotContain("   at ", done.Output + done.Errors, StringComparison.Ordinal);
    }
}
