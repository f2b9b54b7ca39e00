using System.Text;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing.Lists;

/// <summary>
/// Rows of CSV (RFC 4180), or of the same with another separator: a value in double quotes may hold separators, line breaks and
/// doubled quotes. Lines end with LF, CR LF or CR. A quote that does not close before a separator or a line's end is an ordinary
/// character: tab-separated files are often written without quoting. Between commas or semicolons its row says so.
/// </summary>
internal sealed class SeparatedValues(TextReader reader, char separator, string file, long firstLine = 1)
{
    private readonly bool isQuotedAlways = separator is ',' or ';';
    private string again = "";
    private int againAt;
    private long line = firstLine;

    /// <summary>Empty lines are passed over.</summary>
    /// <exception cref="BadInputException">A quote is never closed, a value is endless, or the file is not text.</exception>
    public IEnumerable<SeparatedRow> Rows()
    {
        var values = new List<string>();
        var value = new StringBuilder();
        long start = line;
        bool hasOpenQuote = false, isQuoted = false;
        for (int next; (next = Next()) >= 0;)
        {
            char c = (char)next;
            if (c == separator)
            {
                EndValue();
            }
            else if (c is '\n' or '\r')
            {
                if (c == '\r' && Peek() == '\n')
                    Next();
                line++;
                if (values.Count > 0 || value.Length > 0 || isQuoted)
                    yield return EndRow();
                start = line;
            }
            else if (c == '"' && IsBlank(value) && Quoted() is { } quoted)
            {
                value.Clear().Append(quoted);
                isQuoted = true;
            }
            else
            {
                hasOpenQuote |= c == '"' && IsBlank(value) && isQuotedAlways;
                value.Append(c);
                if (value.Length > ListFile.MaxValue)
                    throw Endless("value", "characters");
            }
        }
        if (values.Count > 0 || value.Length > 0 || isQuoted)
            yield return EndRow();

        void EndValue()
        {
            values.Add(value.ToString());
            value.Clear();
            isQuoted = false;
            if (values.Count > ListFile.MaxValue)
                throw Endless("row", "values");
        }

        BadInputException Endless(string what, string units) =>
            new($"{file}:{start}: a {what} of more than {ListFile.MaxValue:N0} {units} begins here; is this a list?");

        SeparatedRow EndRow()
        {
            EndValue();
            var ended = new SeparatedRow(start, values, hasOpenQuote);
            (values, hasOpenQuote) = ([], false);
            return ended;
        }
    }

    /// <summary>The rest of a value after its opening quote; null: the quote opens nothing, and what was read for it comes again.</summary>
    private string? Quoted()
    {
        var value = new StringBuilder();
        var raw = new StringBuilder();
        long opened = line;
        for (int next; (next = Take()) >= 0;)
        {
            if (next != '"')
            {
                if (next == '\n' || (next == '\r' && Peek() != '\n'))
                    line++;
                value.Append((char)next);
                if (value.Length > ListFile.MaxValue)
                    break;
                continue;
            }
            if (Peek() == '"')
            {
                value.Append((char)Take());
                continue;
            }
            while (Peek() == ' ' && separator != ' ')
                Take();
            if (Peek() is var after && (after < 0 || after == separator || after is '\n' or '\r'))
                return value.ToString();
            return Return();
        }
        return !isQuotedAlways
            ? Return()
            : throw new BadInputException(
                $"{file}:{opened}: a quoted value begins here and never ends: its quote is not closed; write \" at its end (and double "
                    + "each \" inside)."
            );

        int Take()
        {
            int taken = Next();
            if (taken >= 0)
                raw.Append((char)taken);
            return taken;
        }

        string? Return()
        {
            again = string.Concat(raw.ToString(), again.AsSpan(againAt));
            againAt = 0;
            line = opened;
            return null;
        }
    }

    private int Next()
    {
        int next = againAt < again.Length ? again[againAt++] : reader.Read();
        return next != 0 ? next : throw ListFile.NoText(file);
    }

    private int Peek() => againAt < again.Length ? again[againAt] : reader.Peek();

    private static bool IsBlank(StringBuilder value)
    {
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] != ' ')
                return false;
        }
        return true;
    }
}
