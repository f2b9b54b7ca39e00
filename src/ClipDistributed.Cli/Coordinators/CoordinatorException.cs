namespace ClipDistributed.Cli.Coordinators;

/// <summary>The coordinator did not answer, or answered that it failed; reported as one line.</summary>
/// <param name="exitCode">How the command ends.</param>
internal sealed class CoordinatorException(string text, int exitCode) : Exception(text)
{
    public int ExitCode => exitCode;
}
