using System.Globalization;
using ClipDistributed.Contracts.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ClipDistributed.Contracts.Spec.Text;

/// <summary>
/// Reads YAML 1.2, and with it JSON, from the parser's events, which need no stack of their own: depth and number of values are
/// bounded, so that no text costs more than a moment, and a bracket that is not closed is named by the line where it begins.
/// Tags and keys that are not text are refused: no spec needs them.
/// </summary>
internal sealed class YamlReader
{
    private const int MaxDepth = 32;
    private const int MaxValues = 20_000;

    private readonly string[] lines;
    private readonly Func<long, string> where;
    private readonly List<string> errors;
    private readonly IParser parser;
    private readonly Dictionary<AnchorName, (SpecNode Node, int Values)> anchors = [];
    private readonly Stack<(char Bracket, long Line)> open = [];
    private int values;

    private YamlReader(string text, Func<long, string> where, List<string> errors)
    {
        lines = text.ReplaceLineEndings("\n").Split('\n');
        (this.where, this.errors) = (where, errors);
        parser = new Parser(new Scanner(new StringReader(text)));
    }

    /// <param name="source">What errors call the text.</param>
    /// <param name="numbered">Whether they name the line.</param>
    /// <param name="errors">Gets what is wrong; keys that are given twice do not end the reading.</param>
    /// <returns>Null: it is not YAML.</returns>
    public static SpecNode? Read(string text, string source, bool numbered, List<string> errors)
    {
        var reader = new YamlReader(text.TrimStart('\uFEFF'), line => numbered ? $"{source}:{line}" : source, errors);
        try
        {
            reader.CheckCharacters();
            return reader.Document();
        }
        catch (SpecSyntaxException wrong)
        {
            errors.Add(wrong.Message);
            return null;
        }
    }

    /// <summary>The parser takes NUL for the end, and what a terminal obeys must not reach one.</summary>
    private void CheckCharacters()
    {
        for (int line = 0; line < lines.Length; line++)
        {
            string text = lines[line];
            for (int i = 0; i < text.Length; i++)
            {
                bool isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
                if ((char.IsControl(text[i]) && text[i] is not ('\t' or '\u0085')) || (char.IsSurrogate(text[i]) && !isPair))
                    throw Error(line + 1, $"has the character U+{(int)text[i]:X4}, which is not text; delete it.");
                i += isPair ? 1 : 0;
            }
        }
    }

    private SpecNode Document()
    {
        Next(); // the stream's start
        if (Next() is StreamEnd)
            return new SpecScalar("", IsPlain: true, where(1));
        Next(); // over the document's start
        var root = Node(0);
        Next(); // over the document's end
        return parser.Current is StreamEnd ? root : throw Error(Line, "a second document begins; a spec is one.");
    }

    /// <summary>The value that begins at the current event; afterwards the event behind it is current.</summary>
    private SpecNode Node(int depth)
    {
        long line = Line;
        if (depth > MaxDepth)
            throw Error(line, $"is nested more than {MaxDepth} deep; a spec needs five levels.");
        if (parser.Current is AnchorAlias alias)
            return Alias(alias.Value, line);
        if (parser.Current is not NodeEvent begun)
            throw Error(line, "a value is missing here; write null to leave it open.");
        if (!begun.Tag.IsEmpty && begun.Tag != TagName.Empty && !begun.Tag.IsNonSpecific)
        {
            string tag = FileWords.Of(begun.Tag.Value.Split('!', ':')[^1]);
            throw Error(line, $"tags such as !{tag} are not read; delete it, or put the text in quotes.");
        }
        int before = values;
        Count(1, line);
        SpecNode node = begun switch
        {
            MappingStart map => Map(map, line, depth),
            SequenceStart list => List(list, line, depth),
            _ => Text((Scalar)begun, line),
        };
        if (!begun.Anchor.IsEmpty)
            anchors[begun.Anchor] = (node, values - before);
        return node;
    }

    private SpecScalar Text(Scalar scalar, long line)
    {
        Next();
        return new SpecScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, where(line));
    }

    private SpecMap Map(MappingStart start, long line, int depth)
    {
        var entries = new List<SpecEntry>();
        var given = new Dictionary<string, long>(StringComparer.Ordinal);
        if (start.Style == MappingStyle.Flow)
            open.Push(('{', line));
        Next();
        while (parser.Current is not MappingEnd)
        {
            long keyLine = Line;
            if (parser.Current is not Scalar)
                throw Error(keyLine, "a key is a list, a mapping or an alias; write its text.");
            string key = ((SpecScalar)Node(depth + 1)).Text;
            var value = Node(depth + 1);
            if (given.TryAdd(key, keyLine))
                entries.Add(new SpecEntry(key, value, where(keyLine)));
            else
                errors.Add($"{where(keyLine)}: {FileWords.Of(key)} is given on line {given[key]} already; keep one of them.");
        }
        Close(start.Style == MappingStyle.Flow);
        return new SpecMap(entries, where(line));
    }

    private SpecList List(SequenceStart start, long line, int depth)
    {
        var items = new List<SpecNode>();
        if (start.Style == SequenceStyle.Flow)
            open.Push(('[', line));
        Next();
        while (parser.Current is not SequenceEnd)
            items.Add(Node(depth + 1));
        Close(start.Style == SequenceStyle.Flow);
        return new SpecList(items, where(line));
    }

    private void Close(bool hasBracket)
    {
        if (hasBracket)
            open.Pop();
        Next();
    }

    private SpecNode Alias(AnchorName name, long line)
    {
        if (!anchors.TryGetValue(name, out var named))
        {
            string shown = FileWords.Of(name.Value);
            throw Error(line, $"*{shown} repeats a value that no &{shown} names before it; write the value, or the text in quotes.");
        }
        Count(named.Values, line);
        Next();
        return named.Node;
    }

    private void Count(int more, long line)
    {
        if ((values += more) > MaxValues)
        {
            string most = MaxValues.ToString("N0", CultureInfo.InvariantCulture);
            throw Error(
                line,
                $"has more than {most} values with what its aliases (*) repeat; name folders instead of single files, "
                    + "and write out what is repeated."
            );
        }
    }

    private long Line => parser.Current!.Start.Line;

    private ParsingEvent Next()
    {
        try
        {
            parser.MoveNext();
            return parser.Current!;
        }
        catch (YamlException wrong) when (TabFrom(wrong.Start.Line) is { } line)
        {
            throw Error(line, "a tab indents this line; YAML takes spaces only.");
        }
        catch (Exception wrong) when (wrong is InvalidOperationException || (wrong is SemanticErrorException && open.Count > 0))
        {
            // The first is the parser's own (YamlDotNet 18.1) where a key follows a bracket that is open.
            throw Unclosed();
        }
        catch (ArgumentOutOfRangeException) // of the scanner (18.1), for half a surrogate pair
        {
            throw Error(Line, "an escape such as \\uD800 here or in the next value is not a character; delete it.");
        }
        catch (YamlException wrong)
        {
            throw Error(
                wrong.Start.Line,
                $"{FileWords.Of($"{char.ToLowerInvariant(wrong.Message[0])}{wrong.Message[1..].TrimEnd('.')}", 300)}; close what is "
                    + "open, or put text with such characters in quotes."
            );
        }
    }

    private SpecSyntaxException Unclosed()
    {
        if (!open.TryPeek(out var last))
            return Error(Line, "a bracket here or after it is not closed."); // the parser has not come to it
        return Error(
            last.Line, $"'{last.Bracket}' is not closed by '{(last.Bracket == '[' ? ']' : '}')}', or a comma is missing after it.");
    }

    /// <summary>The parser reports a tab where its block begins.</summary>
    private long? TabFrom(long line)
    {
        for (long at = Math.Max(1, line); open.Count == 0 && at <= lines.Length; at++)
        {
            string text = lines[at - 1];
            if (text[..(text.Length - text.TrimStart().Length)].Contains('\t', StringComparison.Ordinal))
                return at;
        }
        return null;
    }

    private SpecSyntaxException Error(long line, string error) => new($"{where(line)}: {error}");
}
