namespace ClipDistributed.Dashboard.Parts;

/// <summary>The files that browsers load. Their addresses change with the program, so that they can be cached for good.</summary>
internal static class BrowserFiles
{
    public const string Path = "/assets";

    private static readonly string Version = typeof(BrowserFiles).Module.ModuleVersionId.ToString("N")[..12];

    /// <summary>Where they lie, beside the program.</summary>
    public static string Folder => System.IO.Path.Combine(AppContext.BaseDirectory, "dashboard");

    public static string Url(string file) => $"{Path}/{file}?v={Version}";
}
