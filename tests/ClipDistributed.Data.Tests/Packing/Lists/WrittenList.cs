using System.Text;
using CsCheck;

namespace ClipDistributed.Data.Tests.Packing.Lists;

/// <summary>A list of separated values as some tool writes it, with the rows that a reader must find in it.</summary>
internal sealed record WrittenList(string Extension, byte[] Bytes, char Separator, (string Image, string Caption)[] Rows)
{
    private static readonly Gen<string> Value = Gen.String[Gen.Char["ab é,;|\t\"'\r\n/.\\=#"], 0, 12];

    /// <summary>Any of the usual separators, quoting, line ends, marks, blanks around names, columns around the two that count.</summary>
    public static readonly Gen<WrittenList> Any = Gen.Select(
        Gen.OneOf(',', '\t', ';', '|'), Gen.OneOf("\n", "\r\n", "\r"), Gen.Int[0, 1023],
        Gen.OneOf(".csv", ".tsv", ".txt"), Gen.Select(Value.Where(image => !string.IsNullOrWhiteSpace(image)), Value).Array[1, 6])
        .Select((separator, lineEnd, coins, extension, rows) => Write(separator, lineEnd, coins, extension, rows));

    private static WrittenList Write(char separator, string lineEnd, int coins, string extension, (string, string)[] rows)
    {
        bool quotesAll = Coin(0),
            hasMark = Coin(1),
            isUtf16 = Coin(2),
            statesSeparator = Coin(3),
            isPadded = Coin(4),
            isSwapped = Coin(5),
            hasMore = Coin(6),
            isEnded = Coin(7);
        string image = Padded(Coin(8) ? "filepath" : "Image Path"),
            caption = Padded(Coin(9) ? "TITLE" : "caption");
        var text = new StringBuilder();
        if (statesSeparator)
            text.Append("sep=").Append(separator).Append(lineEnd);
        Append(image, caption, "weight,;|of \"it\"");
        foreach (var (file, words) in rows)
            Append(file, words, "0,5;\n");
        if (!isEnded)
            text.Length -= lineEnd.Length;
        Encoding encoding = isUtf16 ? Encoding.Unicode : Encoding.UTF8;
        byte[] mark = hasMark || isUtf16 ? encoding.GetPreamble() : [];
        return new WrittenList(extension, [.. mark, .. encoding.GetBytes(text.ToString())], separator, rows);

        bool Coin(int bit) => (coins >> bit & 1) == 1;

        string Padded(string name) => isPadded ? $" {name}  " : name;

        void Append(string file, string words, string more)
        {
            string[] values = isSwapped ? [words, file] : [file, words];
            text.AppendJoin(separator, (hasMore ? [more, .. values, more] : values).Select(Quoted)).Append(lineEnd);
        }

        string Quoted(string value) =>
            quotesAll || value.AsSpan().ContainsAny($"{separator}\"\r\n")
                ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
                : value;
    }
}
