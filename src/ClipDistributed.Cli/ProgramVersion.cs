using System.Reflection;

namespace ClipDistributed.Cli;

/// <summary>Which build this is.</summary>
internal static class ProgramVersion
{
    private const int CommitLength = 7;

    /// <summary>As in <c>clipd 0.1.0 (c228d32)</c>: a commit's first characters suffice to tell builds apart.</summary>
    public static string Line
    {
        get
        {
            string[] parts = (typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "of no version").Split('+', 2);
            return parts.Length < 2 ? $"clipd {parts[0]}" : $"clipd {parts[0]} ({parts[1][..Math.Min(CommitLength, parts[1].Length)]})";
        }
    }
}
