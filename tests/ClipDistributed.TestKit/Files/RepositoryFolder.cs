using System.Runtime.CompilerServices;

namespace ClipDistributed.TestKit.Files;

/// <summary>The folder that the tests were built from.</summary>
public static class RepositoryFolder
{
    public static string Path { get; } = Find();

    /// <summary>A file or folder in it.</summary>
    public static string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find([CallerFilePath] string here = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(here)!, "..", "..", ".."));
}
