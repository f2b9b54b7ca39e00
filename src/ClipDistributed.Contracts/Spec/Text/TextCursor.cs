using System.Globalization;

namespace ClipDistributed.Contracts.Spec.Text;

/// <summary>A place in a text that moves forward, and knows its line and column.</summary>
internal sealed class TextCursor
{
    /// <summary>What <see cref="Current"/> is behind the last character.</summary>
    public const char End = '\0';

    private readonly string text;
    private readonly string source;
    private int place;
    private int lineStart;

    /// <exception cref="SpecSyntaxException">It has a character that no text has.</exception>
    public TextCursor(string text, string source, bool numbered)
    {
        (this.text, this.source) = (text.StartsWith('\uFEFF') ? text[1..] : text, source);
        IsNumbered = numbered;
        for (int i = 0, line = 1; i < this.text.Length; i++)
        {
            char c = this.text[i];
            line += IsBreakAt(i) ? 1 : 0;
            bool isPair = char.IsHighSurrogate(c) && i + 1 < this.text.Length && char.IsLowSurrogate(this.text[i + 1]);
            if ((char.IsControl(c) && c is not ('\t' or '\n' or '\r' or '\u0085')) || (char.IsSurrogate(c) && !isPair))
                throw new SpecSyntaxException($"{At(line)}: has the character U+{(int)c:X4}, which is not text; delete it.");
            i += isPair ? 1 : 0;
        }
    }

    private bool IsNumbered { get; }

    public int Line { get; private set; } = 1;

    public int Column => place - lineStart;

    public char Current => Peek(0);

    public bool IsAtEnd => place == text.Length;

    public bool IsAtLineEnd => IsAtEnd || Current is '\n' or '\r';

    public bool IsAtBlank => Current is ' ' or '\t';

    /// <summary>As in <c>spec.yaml:3</c>.</summary>
    public string Where => At(Line);

    public char Peek(int ahead) => place + ahead < text.Length ? text[place + ahead] : End;

    /// <summary>Whether a blank, a line's end or the text's end comes so far ahead.</summary>
    public bool IsSpaceAt(int ahead) => place + ahead >= text.Length || text[place + ahead] is ' ' or '\t' or '\n' or '\r';

    public bool StartsWith(string what) => string.CompareOrdinal(text, place, what, 0, what.Length) == 0;

    /// <summary>What is left of the line, from the current place.</summary>
    public ReadOnlySpan<char> RestOfLine()
    {
        var rest = text.AsSpan(place);
        int end = rest.IndexOfAny('\n', '\r');
        return end < 0 ? rest : rest[..end];
    }

    public char Take()
    {
        char taken = text[place++];
        if (taken == '\n' || (taken == '\r' && Current != '\n'))
            (Line, lineStart) = (Line + 1, place);
        return taken;
    }

    public string Take(int count)
    {
        string taken = text.Substring(place, count);
        place += count; // never over a line's end
        return taken;
    }

    public void SkipBlanks()
    {
        while (IsAtBlank)
            place++;
    }

    /// <summary>Over blanks and a comment, which begins with # behind a blank or at the line's start.</summary>
    public void SkipComment()
    {
        bool separated = Column == 0 || IsAtBlank || (place > 0 && text[place - 1] is ' ' or '\t');
        SkipBlanks();
        if (Current == '#' && separated)
            place += RestOfLine().Length;
    }

    /// <summary>Over blanks, comments and empty lines.</summary>
    /// <param name="tabsIndent">Tabs may stand before the next character of a line, as inside of brackets.</param>
    public void SkipToContent(bool tabsIndent = false)
    {
        while (true)
        {
            bool fresh = Column == 0;
            bool hasTab = fresh && text.AsSpan(place, RestOfLine().Length - RestOfLine().TrimStart(" \t").Length).Contains('\t');
            SkipComment();
            if (!IsAtLineEnd && hasTab && !tabsIndent)
                throw Error("a tab indents this line; YAML takes spaces only.");
            if (!IsAtLineEnd || IsAtEnd)
                return;
            Take();
        }
    }

    /// <summary>Characters up to a colon before a blank, a comment, or the line's end.</summary>
    public int PlainLength(out bool isKey)
    {
        var rest = RestOfLine();
        for (int i = 0; i < rest.Length; i++)
        {
            isKey = rest[i] == ':' && (i + 1 == rest.Length || rest[i + 1] is ' ' or '\t');
            if (isKey || (rest[i] == '#' && i > 0 && rest[i - 1] is ' ' or '\t'))
                return i;
        }
        isKey = false;
        return rest.Length;
    }

    public TextCursor Copy() => (TextCursor)MemberwiseClone();

    public SpecSyntaxException Error(string error) => new($"{Where}: {error}");

    /// <summary>The next few characters, for a message.</summary>
    public string Show()
    {
        var rest = RestOfLine().TrimEnd();
        return IsAtEnd ? "the end" : rest.Length == 0 ? "the line's end" : string.Create(CultureInfo.InvariantCulture, $"'{(rest.Length <= 20 ? rest : rest[..20])}{(rest.Length <= 20 ? "" : "…")}'");
    }

    private string At(int line) => IsNumbered ? $"{source}:{line}" : source;

    private bool IsBreakAt(int i) => i > 0 && (text[i - 1] == '\n' || (text[i - 1] == '\r' && text[i] != '\n'));
}
