using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Packing.Lists;

namespace ClipDistributed.Data.Preparation;

/// <summary>The labels of <c>classify --labels</c>.</summary>
public static class LabelList
{
    private const string Key = "--labels";

    /// <param name="given">
    /// Separated by commas, where quotes keep a comma and "" is a quote, as in CSV (RFC 4180); or @ and a file with one label a line,
    /// which may be in quotes as well.
    /// </param>
    /// <exception cref="BadInputException">Fewer than two, an empty one, one twice, an open quote, or no such file; all of it.</exception>
    public static IReadOnlyList<string> Parse(string given)
    {
        bool isFile = given.StartsWith('@');
        IReadOnlyList<string> labels = isFile ? OfFile(given[1..]) : Split(given);
        var errors = new List<string>();
        if (labels.Contains(""))
            errors.Add($"{Key} '{given}' has an empty label; write two or more, as in {Key} cat,dog.");
        else if (labels.Count == 1 && isFile)
            errors.Add($"{Key} {given} names '{labels[0]}' alone, which every image would fit; write two or more, one a line.");
        else if (labels.Count == 1)
            errors.Add(
                $"{Key} names '{labels[0]}' alone, which every image would fit; write two or more, as in {Key} "
                    + $"cat,dog.{(File.Exists(given) ? $" For the lines of the file write {Key} @{given}." : "")}"
            );
        var repeated = labels.Where(label => label != "").GroupBy(label => label).Where(same => same.Count() > 1);
        errors.AddRange(repeated.Select(same => $"{Key} names '{same.Key}' {Counted.Plain(same.Count(), "time")}; write it once."));
        return errors.Count == 0 ? labels : throw new BadInputException(errors);
    }

    private static List<string> OfFile(string path) => path == ""
        ? throw new BadInputException($"{Key} is '@' and names no file; write {Key} @labels.txt, with one label a line.")
        : [.. PromptFile.Read(UserPath.Expand(path, Key), Key, pipe: true).Select(Unquoted)];

    /// <summary>A line that is one quoted value, as a spreadsheet writes it, is that value; any other quote is a part of the
    /// label.</summary>
    private static string Unquoted(string line)
    {
        if (line is not ['"', .., '"'])
            return line;
        var rows = new SeparatedValues(new StringReader(line), '\n', Key).Rows().ToList();
        return rows is [{ Values: [var value], HasOpenQuote: false }] ? value.Trim() : line;
    }

    private static List<string> Split(string given)
    {
        var rows = new SeparatedValues(new StringReader(given), ',', $"{Key} '{given}'").Rows().ToList();
        if (rows.Count > 1)
            throw new BadInputException(
                $"{Key} has {Counted.Plain(rows.Count, "line")}; separate labels by commas, or write {Key} @ and a file with one a line.");
        if (rows.Exists(row => row.HasOpenQuote))
            throw new BadInputException($"{Key} '{given}' has text after a quoted label; write \"\" for a quote inside quotes.");
        return rows.Count == 0 ? [""] : rows[0].Values.ConvertAll(label => label.Trim());
    }
}
