using System.Text.RegularExpressions;

namespace ClipDistributed.Data.Packing;

/// <summary>The words in a file's name: <c>red-circle_01.png</c> is "red circle".</summary>
internal static partial class NameCaption
{
    /// <returns>Null: nothing but numbers and sizes.</returns>
    public static string? Of(string path)
    {
        var words = Path.GetFileNameWithoutExtension(path).Split(
            ['-', '_', ' ', '.', ',', '+', '@', '(', ')'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => !NumberOrSize().IsMatch(word));
        string caption = string.Join(' ', words);
        return caption == "" ? null : caption;
    }

    /// <summary>01, 32x32, 2x, 48px.</summary>
    [GeneratedRegex(@"^\d+([x×]\d*)?(px)?$", RegexOptions.IgnoreCase)]
    private static partial Regex NumberOrSize();
}
