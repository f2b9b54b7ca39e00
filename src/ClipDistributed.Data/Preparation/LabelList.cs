using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Packing.Lists;

namespace ClipDistributed.Data.Preparation;

/// <summary>The labels of <c>classify --labels</c>.</summary>
public static class LabelList
{
    private const string Key = "--labels";

    /// <param name="given">
    /// Separated by commas, where quotes keep a comma and "" is a quote, as in CSV (RFC 4180); or @ and a file with one label a line.
    /// </param>
    /// <exception cref="BadInputException">Fewer than two, an empty one, one twice, an open quote, or no such file; all of it.</exception>
    public static IReadOnlyList<string> Parse(string given)
    {
        bool isFile = given.StartsWith('@');
        IReadOnlyList<string> labels = isFile ? PromptFile.Read(UserPath.Expand(given[1..], Key), Key, pipe: true) : Split(given);
        var errors = new List<string>();
        if (labels.Contains(""))
            errors.Add($"{Key} '{given}' has an empty label; write two or more, as in {Key} cat,dog.");
        else if (labels.Count == 1)
            errors.Add($"{Key} names '{labels[0]}' alone, which every image would fit; write two or more, as in {Key} "
                + $"cat,dog.{(File.Exists(given) ? $" For the lines of the file write {Key} @{given}." : "")}");
        var repeated = labels.Where(label => label != "").GroupBy(label => label).Where(same => same.Count() > 1);
        errors.AddRange(repeated.Select(same => $"{Key} names '{same.Key}' {same.Count()} times; write it once."));
        return errors.Count == 0 ? labels : throw new BadInputException(errors);
    }

    private static List<string> Split(string given)
    {
        var rows = new SeparatedValues(new StringReader(given), ',', $"{Key} '{given}'").Rows().ToList();
        if (rows.Count > 1)
            throw new BadInputException(
                $"{Key} has {rows.Count} lines; separate labels by commas, or write {Key} @ and a file with one a line.");
        if (rows.Exists(row => row.HasOpenQuote))
            throw new BadInputException($"{Key} '{given}' has text behind a quoted label; write \"\" for a quote inside quotes.");
        return rows.Count == 0 ? [""] : rows[0].Values.ConvertAll(label => label.Trim());
    }
}
