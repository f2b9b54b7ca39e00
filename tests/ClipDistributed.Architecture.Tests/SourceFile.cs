using System.Text.RegularExpressions;

namespace ClipDistributed.Architecture.Tests;

/// <summary>A C# file of the repository.</summary>
/// <param name="Path">From the root, as in <c>src/ClipDistributed.Data/Streams/StreamOrder.cs</c>.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>Without comments and the contents of strings; as many lines as the file has.</summary>
    public string Code { get; } = CodeText.Of(Text);

    /// <summary>As in <c>Data</c>, or <c>Data.Tests</c>.</summary>
    public string Project { get; } = Path.Split('/')[1]["ClipDistributed.".Length..];

    /// <summary>Null: the file has none, as a Program.cs.</summary>
    public string? Namespace { get; } = Declaration().Match(Text) is { Success: true } declared ? declared.Groups[1].Value : null;

    public string[] Lines => Text.TrimEnd('\n').Split('\n');

    /// <summary>All that people wrote: what builds generate is left out.</summary>
    public static IReadOnlyList<SourceFile> All { get; } =
    [
        .. new[] { "src", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(RepositoryFolder.File(folder), "*.cs", SearchOption.AllDirectories))
            .Select(path => System.IO.Path.GetRelativePath(RepositoryFolder.Path, path))
            .Where(path => path.Split('/') is [_, var project, ..] parts && project.StartsWith("ClipDistributed.", StringComparison.Ordinal)
                && !parts.Any(part => part is "obj" or "bin"))
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(path, File.ReadAllText(RepositoryFolder.File(path)))),
    ];

    /// <summary>Those of src.</summary>
    public static IEnumerable<SourceFile> OfPrograms => All.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    [GeneratedRegex("""^namespace ([\w.]+);""", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
