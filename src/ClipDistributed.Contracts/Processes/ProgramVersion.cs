using System.Reflection;

namespace ClipDistributed.Contracts.Processes;

/// <summary>Which build a program is.</summary>
public static class ProgramVersion
{
    private const int CommitDigits = 7;

    /// <summary>With its commit in full.</summary>
    public static string Full { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>As in <c>0.1.0+50b76b5</c>.</summary>
    public static string Text { get; } = Short(Full);

    /// <summary>As in <c>clipd 0.1.0 (c228d32)</c>.</summary>
    public static string Line { get; } = Text.Split('+', 2) is [var number, var commit] ? $"clipd {number} ({commit})" : $"clipd {Text}";

    /// <summary>A commit's first characters suffice to tell builds apart.</summary>
    public static string Short(string version) =>
        version.IndexOf('+', StringComparison.Ordinal) is >= 0 and var plus && version.Length > plus + 1 + CommitDigits
            ? version[..(plus + 1 + CommitDigits)]
            : version;
}
