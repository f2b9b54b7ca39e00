namespace ClipDistributed.Contracts.Files;

/// <summary>Paths without links, by which one place is known however it is spelled.</summary>
public static class RealPath
{
    /// <summary>Without any link: those on the way to a folder lead elsewhere as well as its own name does.</summary>
    /// <param name="folder">One that exists.</param>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string OfFolder(string folder)
    {
        string real = "/";
        foreach (string part in Path.GetFullPath(folder).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            if (new DirectoryInfo(real).ResolveLinkTarget(returnFinalTarget: true) is { } target)
                real = OfFolder(target.FullName);
        }
        return real;
    }

    /// <summary>The same of a file, itself perhaps a link.</summary>
    /// <param name="folders">What is known of folders; grows.</param>
    public static string OfFile(string file, Dictionary<string, string> folders)
    {
        string target = new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(file);
        return Path.Combine(OfKnownFolder(Path.GetDirectoryName(target)!, folders), Path.GetFileName(target));
    }

    /// <inheritdoc cref="OfFolder"/>
    /// <param name="folders">What is known of folders; grows.</param>
    public static string OfKnownFolder(string folder, Dictionary<string, string> folders)
    {
        if (!folders.TryGetValue(folder, out string? real))
            folders.Add(folder, real = OfFolder(folder));
        return real;
    }
}
