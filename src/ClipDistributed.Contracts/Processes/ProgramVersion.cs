using System.Reflection;

namespace ClipDistributed.Contracts.Processes;

/// <summary>Which program wrote something, as in <c>0.1.0+50b76b5</c>.</summary>
public static class ProgramVersion
{
    private const int CommitDigits = 7;

    public static string Text { get; } = Short(
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "");

    private static string Short(string version) =>
        version.IndexOf('+', StringComparison.Ordinal) is >= 0 and var plus && version.Length > plus + 1 + CommitDigits
        ? version[..(plus + 1 + CommitDigits)]
        : version;
}
