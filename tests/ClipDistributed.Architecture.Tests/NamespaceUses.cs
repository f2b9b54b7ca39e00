using System.Text.RegularExpressions;

namespace ClipDistributed.Architecture.Tests;

/// <summary>
/// Which namespaces of one project use which others of it: by a using directive, by a name that is written out, or, of those around
/// them, by the name of a type alone.
/// </summary>
internal sealed partial class NamespaceUses
{
    private readonly Dictionary<string, HashSet<string>> types = new(StringComparer.Ordinal); // of each namespace
    private readonly Dictionary<string, HashSet<string>> uses = new(StringComparer.Ordinal);

    private readonly ILookup<string, string> byLastPart;

    /// <param name="project">Its files.</param>
    public NamespaceUses(IEnumerable<SourceFile> project)
    {
        var files = project.Where(file => file.Namespace is not null).ToList();
        foreach (var file in files)
        {
            if (!types.TryGetValue(file.Namespace!, out var declared))
                types[file.Namespace!] = declared = new HashSet<string>(StringComparer.Ordinal);
            declared.UnionWith(Type().Matches(file.Code).Select(match => match.Groups[1].Value));
            uses.TryAdd(file.Namespace!, new HashSet<string>(StringComparer.Ordinal));
        }
        byLastPart = types.Keys.ToLookup(name => name[(name.LastIndexOf('.') + 1)..]);
        foreach (var file in files)
            uses[file.Namespace!].UnionWith(Of(file).Where(used => used != file.Namespace));
    }

    /// <summary>A line for each use that lies on a circle.</summary>
    public IEnumerable<string> Circles() =>
        from use in uses.OrderBy(use => use.Key, StringComparer.Ordinal)
        from used in use.Value.Order(StringComparer.Ordinal)
        where Reach(used).Contains(use.Key)
        select Line(use.Key, used);

    private static string Line(string from, string to) => $"{Short(from)} uses {Short(to)}";

    private static string Short(string name) => name.Replace("ClipDistributed.", "", StringComparison.Ordinal);

    private IEnumerable<string> Of(SourceFile file)
    {
        string own = file.Namespace!;
        string code = Declaration().Replace(file.Code, "");
        foreach (Match name in FullName().Matches(code))
        {
            if (Longest(name.Value) is { } used)
                yield return used;
        }
        foreach (Match name in ShortName().Matches(code))
        {
            foreach (string other in byLastPart[name.Groups[1].Value].Where(other => types[other].Contains(name.Groups[2].Value)))
                yield return other;
        }
        var words = Word().Matches(code).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var around in types.Where(one => own.StartsWith($"{one.Key}.", StringComparison.Ordinal) && words.Overlaps(one.Value)))
            yield return around.Key;
    }

    private string? Longest(string name)
    {
        while (!types.ContainsKey(name))
        {
            int dot = name.LastIndexOf('.');
            if (dot < 0)
                return null;
            name = name[..dot];
        }
        return name;
    }

    private HashSet<string> Reach(string from)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal) { from };
        var open = new Queue<string>(reached);
        while (open.TryDequeue(out string? next))
        {
            foreach (string used in uses[next].Where(reached.Add))
                open.Enqueue(used);
        }
        return reached;
    }

    [GeneratedRegex("""^namespace .*$""", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    /// <summary>Of a type that is not inside another one: it is not indented.</summary>
    [GeneratedRegex("""^(?:\w+ )*(?:class|struct|interface|enum|record|delegate [\w.<>?]+) (\w+)""", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex("""(?<![.\w])ClipDistributed(?:\.\w+)+""")]
    private static partial Regex FullName();

    [GeneratedRegex("""(?<![.\w])(\w+)\.(\w+)""")]
    private static partial Regex ShortName();

    [GeneratedRegex("""(?<![.\w])[A-Z]\w*""")]
    private static partial Regex Word();
}
