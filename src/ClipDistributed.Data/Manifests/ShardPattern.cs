using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Manifests;

/// <summary>
/// Paths of many shards at once: <c>{00000..00331}</c> and <c>{a,b}</c> name each of them, <c>*</c>, <c>?</c> and <c>[…]</c> those that
/// are there.
/// </summary>
internal static partial class ShardPattern
{
    private const int MaxNames = 1_000_000;

    /// <summary>Whether a path that leads to nothing may be one.</summary>
    public static bool IsPattern(string path) => HasWildcard(path) || Braces().IsMatch(path);

    /// <summary>Whether <c>*</c>, <c>?</c> or <c>[</c> stands in it.</summary>
    public static bool HasWildcard(ReadOnlySpan<char> path) => path.IndexOfAny("*?[") >= 0;

    /// <summary>The folder below which all that it names lies.</summary>
    /// <param name="path">Absolute.</param>
    public static string Root(string path)
    {
        int first = path.AsSpan().IndexOfAny("*?[{");
        return first < 0 ? Path.GetDirectoryName(path)! : path[..Math.Max(1, path.LastIndexOf('/', first))];
    }

    /// <summary>Each path that the braces name, whether it is there or not; in their order.</summary>
    /// <exception cref="BadInputException">They are too many.</exception>
    public static IReadOnlyList<string> Expand(string path)
    {
        if (!Braces().Match(path).Success)
            return [path];
        List<string> names = [""];
        int at = 0;
        foreach (Match braces in Braces().Matches(path))
        {
            string before = path[at..braces.Index];
            string[] choices = [.. braces.Groups["first"].Success ? Numbers(path, braces) : braces.Groups["list"].Value.Split(',')];
            if ((long)names.Count * choices.Length > MaxNames)
                throw TooMany(path);
            names = [.. names.SelectMany(name => choices.Select(choice => name + before + choice))];
            at = braces.Index + braces.Length;
        }
        return [.. names.Select(name => name + path[at..])];
    }

    /// <summary>Files and folders of a path in which <c>*</c>, <c>?</c> and <c>[…]</c> stand, each within one name.</summary>
    /// <param name="path">Absolute.</param>
    /// <exception cref="BadInputException">A folder cannot be read.</exception>
    public static IReadOnlyList<string> Match(string path)
    {
        List<string> found = ["/"];
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = !HasWildcard(part)
                ? [.. found.Select(folder => Path.Combine(folder, part)).Where(Path.Exists)]
                : [.. found.SelectMany(folder => Inside(folder, Expression(part)))];
        }
        return found;
    }

    private static List<string> Inside(string folder, Regex name)
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. Directory.EnumerateFileSystemEntries(folder).Where(entry => name.IsMatch(Path.GetFileName(entry)))]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder} cannot be read ({e.Message}); check the path and its permissions.");
        }
    }

    /// <summary>Without backtracking, which a pattern could make endless.</summary>
    private static Regex Expression(string part)
    {
        var text = new StringBuilder("^");
        for (int i = 0; i < part.Length; i++)
        {
            int close = part[i] == '[' ? part.IndexOf(']', Math.Min(i + 2, part.Length)) : -1;
            if (close > 0)
            {
                string inside = Regex.Replace(part[(i + 1)..close], @"[\[\\]", @"\$0");
                text.Append('[').Append(inside[0] is '!' or '^' ? "^" + inside[1..] : inside).Append(']');
                i = close;
            }
            else
            {
                text.Append(part[i] switch { '*' => ".*", '?' => ".", _ => Regex.Escape(part[i].ToString()) });
            }
        }
        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;
        return new Regex(text.Append('$').ToString(), Options);
    }

    private static IEnumerable<string> Numbers(string path, Match braces)
    {
        string first = braces.Groups["first"].Value, last = braces.Groups["last"].Value;
        if (!long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out long from)
            || !long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out long to)
            || Math.Abs(to - from) >= MaxNames)
        {
            throw TooMany(path);
        }
        // As a shell has it: zeros before either number give all of them the width of the longer one.
        bool isPadded = (first.Length > 1 && first[0] == '0') || (last.Length > 1 && last[0] == '0');
        int width = isPadded ? Math.Max(first.Length, last.Length) : 1, step = to < from ? -1 : 1;
        return Enumerable.Range(0, (int)Math.Abs(to - from) + 1)
            .Select(i => (from + i * step).ToString($"D{width}", CultureInfo.InvariantCulture));
    }

    private static BadInputException TooMany(string path) =>
        new($"{path} names more than {Counted.Of(MaxNames, "file")}; name a folder of them, or fewer in each path.");

    [GeneratedRegex(@"\{(?:(?<first>[0-9]+)\.\.(?<last>[0-9]+)|(?<list>[^{},/]*(?:,[^{},/]*)+))\}")]
    private static partial Regex Braces();
}
