using System.Globalization;
using System.Text;

namespace ClipDistributed.Contracts.Spec.Text;

/// <summary>
/// Reads the part of YAML 1.2 that specs need, and with it JSON: mappings, lists, text with and without quotes, comments,
/// anchors and aliases. Tags, directives, text blocks and keys that are no text are refused by name. Depth and number of
/// values are bounded, so that no text costs more than a moment, and whatever is not closed is named by the line where it begins.
/// </summary>
internal sealed class YamlReader
{
    private const int MaxDepth = 32;
    private const int MaxValues = 20_000;

    private readonly List<string> errors;
    private readonly Dictionary<string, (SpecNode Node, int Values)> anchors = new(StringComparer.Ordinal);
    private TextCursor at;
    private int values;

    private YamlReader(TextCursor at, List<string> errors) => (this.at, this.errors) = (at, errors);

    /// <param name="source">What errors call the text.</param>
    /// <param name="numbered">Whether they name the line.</param>
    /// <param name="errors">Gets what is wrong; keys that are given twice do not end the reading.</param>
    /// <returns>Null: it is not YAML.</returns>
    public static SpecNode? Read(string text, string source, bool numbered, List<string> errors)
    {
        try
        {
            return new YamlReader(new TextCursor(text, source, numbered), errors).Document();
        }
        catch (SpecSyntaxException wrong)
        {
            errors.Add(wrong.Message);
            return null;
        }
    }

    private SpecNode Document()
    {
        at.SkipToContent();
        if (at.Column == 0 && at.Current == '%')
            throw at.Error("directives (%) are not read; delete the line.");
        if (IsMarker("---"))
            at.Take(3);
        var root = Block(-1, 0);
        at.SkipToContent();
        if (IsMarker("..."))
        {
            at.Take(3);
            at.SkipToContent();
        }
        if (IsMarker("---"))
            throw at.Error("a second document begins; a spec is one.");
        return at.IsAtEnd ? root : throw at.Error($"expected a key and a colon, as in `name: demo`, or the end, found {at.Show()}.");
    }

    /// <summary>A value that begins behind the column <paramref name="indent"/>, on this line or a later one.</summary>
    private SpecNode Block(int indent, int depth)
    {
        at.SkipToContent();
        if (at.IsAtEnd || at.Column <= indent || IsMarker("---") || IsMarker("..."))
            return Scalar("", isPlain: true, at.Where);
        if (IsDash())
            return List(at.Column, depth);
        return IsKey(indent) ? Map(at.Column, depth) : Inline(indent, depth);
    }

    private SpecMap Map(int column, int depth)
    {
        Enter(depth);
        string where = at.Where;
        var entries = new List<SpecEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        do
        {
            string keyWhere = at.Where;
            int line = at.Line;
            string key = Key(at, column);
            at.SkipBlanks();
            at.Take(); // the colon
            AddTo(entries, lines, key, keyWhere, line, ValueOfKey(column, depth + 1));
        }
        while (IsNextAt(column) && (IsKey(column) ? true : throw at.Error($"expected a key and a colon, as in `name: demo`, found {at.Show()}.")));
        return new SpecMap(entries, where);
    }

    private SpecNode ValueOfKey(int column, int depth)
    {
        at.SkipComment();
        if (!at.IsAtLineEnd)
            return IsDash() ? throw at.Error("a list begins on a line of its own, or is written as [a, b].") : Inline(column, depth);
        at.SkipToContent();
        return !at.IsAtEnd && at.Column == column && IsDash() ? List(column, depth) : Block(column, depth);
    }

    private SpecList List(int column, int depth)
    {
        Enter(depth);
        string where = at.Where;
        var items = new List<SpecNode>();
        do
        {
            at.Take(); // the dash
            at.SkipComment();
            if (at.IsAtLineEnd)
                items.Add(Block(column, depth + 1));
            else if (IsDash())
                items.Add(List(at.Column, depth + 1));
            else
                items.Add(IsKey(column) ? Map(at.Column, depth + 1) : Inline(column, depth + 1));
        }
        while (IsNextAt(column) && IsDash());
        return new SpecList(items, where);
    }

    /// <summary>Whether the next line with content belongs to the block of this column.</summary>
    private bool IsNextAt(int column)
    {
        at.SkipToContent();
        if (at.IsAtEnd || at.Column < column || IsMarker("---") || IsMarker("..."))
            return false;
        return at.Column == column ? true : throw at.Error($"is indented by {at.Column}, what it belongs to by {column}; give what belongs together one indentation.");
    }

    /// <summary>A value that begins here, to the end of its last line.</summary>
    private SpecNode Inline(int indent, int depth)
    {
        Enter(depth);
        if (at.Current == '&')
        {
            string name = AnchorName();
            int before = values;
            at.SkipComment();
            var node = at.IsAtLineEnd ? Block(indent, depth + 1) : Inline(indent, depth + 1);
            anchors[name] = (node, values - before);
            return node;
        }
        var value = at.Current switch
        {
            '{' or '[' or '"' or '\'' or '*' => Flow(indent, depth),
            '|' or '>' => throw at.Error($"blocks of text ({at.Current}) are not read; write the text on one line, in quotes."),
            _ => Plain(indent),
        };
        at.SkipComment();
        return at.IsAtLineEnd ? value : throw at.Error($"expected the line's end, found {at.Show()}.");
    }

    private SpecScalar Plain(int indent)
    {
        CheckBeginning();
        string where = at.Where;
        var text = new StringBuilder();
        while (true)
        {
            int length = at.PlainLength(out bool isKey);
            if (isKey)
                throw at.Error(text.Length == 0 ? "a colon and a blank stand inside of a text; put it in quotes." : $"is indented as a part of the text before it; indent {at.Show()} like the other keys.");
            text.Append(at.Take(length).AsSpan().TrimEnd());
            if (!at.IsAtLineEnd)
                break; // a comment follows
            var next = at.Copy();
            next.SkipToContent();
            if (next.IsAtEnd || next.Column <= indent || next.Current == '#')
                break;
            text.Append(next.Line == at.Line + 1 ? ' ' : '\n', Math.Max(1, next.Line - at.Line - 1));
            at = next;
        }
        return Scalar(text.ToString(), isPlain: true, where);
    }

    private SpecNode Flow(int indent, int depth)
    {
        Enter(depth);
        switch (at.Current)
        {
            case '{':
                return FlowMap(indent, depth);
            case '[':
                return FlowList(indent, depth);
            case '"' or '\'':
                string where = at.Where;
                return Scalar(QuotedText.Read(at, indent), isPlain: false, where);
            case '*':
                return Alias();
            case '&':
                string name = AnchorName();
                int before = values;
                at.SkipToContent(tabsIndent: true);
                var node = Flow(indent, depth + 1);
                anchors[name] = (node, values - before);
                return node;
            default:
                return FlowPlain();
        }
    }

    private SpecMap FlowMap(int indent, int depth)
    {
        string where = at.Where, opened = $"the '{{' of line {at.Line} is not closed";
        var entries = new List<SpecEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        at.Take();
        while (HasNext('}', opened))
        {
            string keyWhere = at.Where;
            int line = at.Line;
            string key = at.Current is '"' or '\'' ? QuotedText.Read(at, indent) : FlowPlain().Text;
            at.SkipToContent(tabsIndent: true);
            SpecNode value = Scalar("", isPlain: true, keyWhere);
            if (at.Current == ':')
            {
                at.Take();
                at.SkipToContent(tabsIndent: true);
                if (at.Current is not (',' or '}'))
                    value = at.IsAtEnd ? throw at.Error($"expected '}}': {opened}.") : Flow(indent, depth + 1);
            }
            AddTo(entries, lines, key, keyWhere, line, value);
            Separate('}', opened);
        }
        return new SpecMap(entries, where);
    }

    private SpecList FlowList(int indent, int depth)
    {
        string where = at.Where, opened = $"the '[' of line {at.Line} is not closed";
        var items = new List<SpecNode>();
        at.Take();
        while (HasNext(']', opened))
        {
            items.Add(Flow(indent, depth + 1));
            Separate(']', opened);
        }
        return new SpecList(items, where);
    }

    private bool HasNext(char close, string opened)
    {
        at.SkipToContent(tabsIndent: true);
        if (at.IsAtEnd)
            throw at.Error($"expected '{close}': {opened}.");
        if (at.Current != close)
            return true;
        at.Take();
        return false;
    }

    private void Separate(char close, string opened)
    {
        at.SkipToContent(tabsIndent: true);
        if (at.Current == ',')
            at.Take();
        else if (at.Current != close || at.IsAtEnd)
            throw at.Error($"expected ',' or '{close}', found {at.Show()}: {opened}.");
    }

    private SpecScalar FlowPlain()
    {
        CheckBeginning();
        string where = at.Where;
        int length = 0;
        while (!",[]{}\n\r".Contains(at.Peek(length), StringComparison.Ordinal) && at.Peek(length) != TextCursor.End)
        {
            bool ends = at.Peek(length) == ':' && (at.IsSpaceAt(length + 1) || ",[]{}".Contains(at.Peek(length + 1), StringComparison.Ordinal));
            if (ends || (at.Peek(length) == '#' && length > 0 && at.IsSpaceAt(length - 1)))
                break;
            length++;
        }
        return length > 0 ? Scalar(at.Take(length).TrimEnd(), isPlain: true, where) : throw at.Error($"expected a value, found {at.Show()}.");
    }

    private SpecNode Alias()
    {
        string name = AnchorName();
        if (!anchors.TryGetValue(name, out var named))
            throw at.Error($"*{name} repeats a value that no &{name} names before it; write the value, or the text in quotes.");
        Count(named.Values);
        return named.Node;
    }

    private string AnchorName()
    {
        at.Take();
        int length = 0;
        while (!at.IsSpaceAt(length) && !",[]{}".Contains(at.Peek(length), StringComparison.Ordinal))
            length++;
        return length > 0 ? at.Take(length) : throw at.Error("a name is missing behind & or *; write a value that begins so in quotes.");
    }

    private bool IsKey(int indent)
    {
        if (at.Current == '?' && at.IsSpaceAt(1))
            throw at.Error("keys behind ? are not read; write key: value.");
        if (at.Current is '"' or '\'')
        {
            var copy = at.Copy();
            QuotedText.Read(copy, indent);
            copy.SkipBlanks();
            return copy.Current == ':' && copy.IsSpaceAt(1);
        }
        if (at.Current is '{' or '[' or '&' or '*' or '!' or '|' or '>')
            return false;
        at.PlainLength(out bool isKey);
        return isKey;
    }

    private static string Key(TextCursor at, int indent) => at.Current is '"' or '\'' ? QuotedText.Read(at, indent) : at.Take(at.PlainLength(out _)).TrimEnd();

    private void CheckBeginning()
    {
        if (at.Current == '!')
            throw at.Error("tags (!) are not read; delete it, or put the text in quotes.");
        if ("@`%,]}#|>".Contains(at.Current, StringComparison.Ordinal) || (at.Current is '-' or '?' or ':' && at.IsSpaceAt(1)))
            throw at.Error($"expected a value, found {at.Show()}; put text that begins with {at.Current} in quotes.");
    }

    private void AddTo(List<SpecEntry> entries, Dictionary<string, int> lines, string key, string where, int line, SpecNode value)
    {
        if (lines.TryAdd(key, line))
            entries.Add(new SpecEntry(key, value, where));
        else
            errors.Add($"{where}: {key} is given on line {lines[key]} already; keep one of them.");
    }

    private SpecScalar Scalar(string text, bool isPlain, string where)
    {
        Count(1);
        return new SpecScalar(text, isPlain, where);
    }

    private void Enter(int depth)
    {
        Count(1);
        if (depth > MaxDepth)
            throw at.Error($"is nested more than {MaxDepth} deep; a spec needs five levels.");
    }

    private void Count(int more)
    {
        if ((values += more) > MaxValues)
            throw at.Error(string.Create(CultureInfo.InvariantCulture, $"has more than {MaxValues:N0} values with what its aliases (*) repeat; name folders instead of single files, and write out what is repeated."));
    }

    private bool IsDash() => at.Current == '-' && at.IsSpaceAt(1);

    private bool IsMarker(string marker) => at.Column == 0 && at.StartsWith(marker) && at.IsSpaceAt(3);
}
