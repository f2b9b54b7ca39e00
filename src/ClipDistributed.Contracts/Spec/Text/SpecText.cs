using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace ClipDistributed.Contracts.Spec.Text;

/// <summary>
/// The text of a spec as its writer sees it: on which line a field stands, what is written there, and the same text with another value.
/// Comments, order and spelling stay. Paths are as in <c>optimizer.lr</c> and <c>data.train[0].path</c>.
/// </summary>
public static partial class SpecText
{
    private static readonly JsonSerializerOptions Quoting = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether it is a mapping that can be taken apart; what its fields hold may be wrong.</summary>
    public static bool IsReadable(string text) => Root(text) is YamlMappingNode;

    /// <returns>From 1: of the field, or where it is not given of the nearest one around it; null: of none.</returns>
    public static int? LineOf(string text, string path) =>
        Root(text) is { } root && Walk(root, Parts(path)) is { Count: > 0 } found ? (int)found[^1].Named.Start.Line : null;

    /// <returns>Null: it is not given, or no single value.</returns>
    public static string? ValueOf(string text, string path)
    {
        string[] parts = Parts(path);
        return Root(text) is { } root && Walk(root, parts) is { } found && found.Count == parts.Length
            && found[^1].Value is YamlScalarNode scalar && !new SpecScalar(scalar.Value ?? "", IsPlain(scalar), "").IsNull
            ? scalar.Value : null;
    }

    /// <param name="value">Empty: the field is left open.</param>
    /// <returns>Null: the text cannot be changed there.</returns>
    public static string? Set(string text, string path, string value)
    {
        text = text.ReplaceLineEndings("\n");
        if (text.Trim() == "")
            return Checked(Entry(Parts(path), Written(value)) + "\n", path, value);
        if (Root(text) is not YamlMappingNode root)
            return null;
        string[] parts = Parts(path);
        var found = Walk(root, parts);
        YamlNode at = found.Count == 0 ? root : found[^1].Value;
        if (found.Count == parts.Length || at is YamlScalarNode)
        {
            string written = found.Count == parts.Length ? Written(value) : Flow(parts[found.Count..], value);
            return Checked(Replaced(text, at, written), path, value);
        }
        return value == "" ? text : Checked(Inserted(text, at, parts[found.Count..], value), path, value);
    }

    private static string? Checked(string changed, string path, string value) =>
        (ValueOf(changed, path) ?? "") == value ? changed : null;

    private static string Replaced(string text, YamlNode node, string written)
    {
        int begin = (int)node.Start.Index, end = End(text, node);
        string space = begin > 0 && text[begin - 1] == ':' ? " " : "";
        return $"{text[..begin]}{space}{written}{text[end..]}";
    }

    private static string Inserted(string text, YamlNode at, string[] parts, string value)
    {
        bool isMap = at is YamlMappingNode;
        string entry = isMap ? Entry(parts, Written(value)) : Flow(parts[1..], value);
        int count = at is YamlMappingNode map ? map.Children.Count : ((YamlSequenceNode)at).Children.Count;
        bool isFlow = at is YamlMappingNode { Style: MappingStyle.Flow }
            or YamlSequenceNode { Style: SequenceStyle.Flow };
        if (isFlow)
        {
            int close = End(text, at) - 1;
            return $"{text[..close]}{(count > 0 ? ", " : "")}{entry}{text[close..]}";
        }
        int end = End(text, at);
        int line = end > 0 && text[end - 1] == '\n' ? end - 1 : text.IndexOf('\n', end) is var next && next < 0 ? text.Length : next;
        string indent = new(' ', (int)at.Start.Column - 1);
        return $"{text[..line]}\n{indent}{(isMap ? "" : "- ")}{entry}{text[line..]}";
    }

    /// <summary>Behind its last character: the parser knows that of single values alone.</summary>
    private static int End(string text, YamlNode node) => node switch
    {
        YamlMappingNode { Style: MappingStyle.Flow } map => EndOfFlow(text, map, map.Children.LastOrDefault().Value, '}'),
        YamlSequenceNode { Style: SequenceStyle.Flow } list => EndOfFlow(text, list, list.Children.LastOrDefault(), ']'),
        YamlMappingNode { Children.Count: > 0 } map => End(text, map.Children.Last().Value),
        YamlSequenceNode { Children.Count: > 0 } list => End(text, list.Children[^1]),
        _ => (int)node.End.Index,
    };

    /// <param name="last">Null: it is empty.</param>
    private static int EndOfFlow(string text, YamlNode node, YamlNode? last, char bracket) =>
        1 + text.IndexOf(bracket, last is null ? (int)node.Start.Index : End(text, last));

    /// <summary>As in <c>optimizer: {lr: 0.1}</c>.</summary>
    private static string Entry(string[] parts, string written) =>
        parts.Length == 1 ? $"{parts[0]}: {written}" : $"{parts[0]}: {Flow(parts[1..], written, isWritten: true)}";

    private static string Flow(string[] parts, string value, bool isWritten = false)
    {
        string inner = isWritten ? value : Written(value);
        foreach (string part in parts.Reverse())
            inner = part[0] == '[' ? $"[{inner}]" : $"{{{part}: {inner}}}";
        return inner;
    }

    private static string Written(string value) =>
        value == "" ? "null" : Plain().IsMatch(value) && !new SpecScalar(value, IsPlain: true, "").IsNull
            ? value : JsonSerializer.Serialize(value, Quoting);

    /// <returns>What of the path is there, from the outside in.</returns>
    private static List<(YamlNode Named, YamlNode Value)> Walk(YamlNode root, string[] parts)
    {
        var found = new List<(YamlNode, YamlNode)>();
        var at = root;
        foreach (string part in parts)
        {
            (YamlNode Named, YamlNode Value)? next = at switch
            {
                YamlMappingNode map => map.Children.Where(one => one.Key is YamlScalarNode key && IsSame(key.Value, part))
                    .Select(one => ((YamlNode, YamlNode)?)(one.Key, one.Value)).FirstOrDefault(),
                YamlSequenceNode list when int.TryParse(part.Trim('[', ']'), out int index) && index >= 0 && index < list.Children.Count =>
                    (list.Children[index], list.Children[index]),
                _ => null,
            };
            if (next is not { } there)
                break;
            found.Add(there);
            at = there.Value;
        }
        return found;
    }

    /// <returns>Null: it is no text of a spec.</returns>
    private static YamlNode? Root(string text)
    {
        text = text.ReplaceLineEndings("\n");
        if (YamlReader.Read(text, "", numbered: false, []) is null)
            return null; // it bounds depth and size, which the next one does not
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException)
        {
            return null; // such as a key that is given twice
        }
        return stream.Documents is [var only] ? only.RootNode : null;
    }

    private static bool IsPlain(YamlScalarNode scalar) => scalar.Style is ScalarStyle.Plain or ScalarStyle.Any;

    /// <summary>snake_case and camelCase name the same field.</summary>
    private static bool IsSame(string? key, string part) =>
        string.Equals(Bare(key ?? ""), Bare(part), StringComparison.OrdinalIgnoreCase);

    private static string Bare(string key) => key.Replace("_", "", StringComparison.Ordinal);

    private static string[] Parts(string path) => path.Replace("[", ".[", StringComparison.Ordinal).Split('.');

    /// <summary>Text that means itself in a block and between brackets.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_./+][A-Za-z0-9_./+~@=-]*$")]
    private static partial Regex Plain();
}
