using System.Text;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing;

/// <summary>Rows of CSV (RFC 4180) or of the same with tabs: values in double quotes may hold separators, line breaks and doubled quotes.</summary>
internal static class SeparatedValues
{
    /// <summary>Empty lines are passed over.</summary>
    /// <exception cref="BadInputException">A quote is never closed.</exception>
    public static IEnumerable<List<string>> Read(TextReader reader, char separator, string file)
    {
        var row = new List<string>();
        var value = new StringBuilder();
        int line = 1, quotedSince = 0;
        for (int next; (next = reader.Read()) >= 0;)
        {
            char c = (char)next;
            if (c == '\n')
                line++;
            if (quotedSince > 0)
            {
                if (c != '"')
                    value.Append(c);
                else if (reader.Peek() == '"')
                    value.Append((char)reader.Read());
                else
                    quotedSince = 0;
            }
            else if (c == '"' && value.Length == 0)
                quotedSince = line;
            else if (c == separator)
                EndValue();
            else if (c == '\n')
            {
                if (row.Count > 0 || value.Length > 0)
                    yield return EndRow();
            }
            else if (c != '\r')
                value.Append(c);
        }
        if (quotedSince > 0)
            throw new BadInputException($"{file}:{quotedSince}: a quoted value begins here and never ends; close it with \" (and double each \" inside).");
        if (row.Count > 0 || value.Length > 0)
            yield return EndRow();

        void EndValue()
        {
            row.Add(value.ToString());
            value.Clear();
        }

        List<string> EndRow()
        {
            EndValue();
            var ended = row;
            row = [];
            return ended;
        }
    }
}
