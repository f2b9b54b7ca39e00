using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Preparation;

/// <summary>
/// Prompts with a place for the class name. A template without one gives every class the same prompt, and an accuracy of chance that looks
/// like a bad model.
/// </summary>
public static partial class PromptTemplates
{
    /// <summary>Where the name goes.</summary>
    public const string Place = "{}";

    private const int MaxErrors = 3;

    /// <summary>Reads a file of templates, one a line; <c>{c}</c> and <c>{label}</c> become <c>{}</c>.</summary>
    /// <param name="key">Names the file in errors: the spec's field or the option.</param>
    /// <param name="pipe">As of <see cref="PromptFile.Read"/>.</param>
    /// <exception cref="BadInputException">There is no such file, or a line has no place for the name; names the first few.</exception>
    public static IReadOnlyList<string> Read(string path, string key, bool pipe = false)
    {
        var errors = new List<string>();
        var templates = new List<string>();
        foreach (var (number, line) in PromptFile.ReadNumbered(path, key, pipe))
        {
            string template = OtherPlaces().Replace(line, Place);
            if (Problem(template) is { } problem)
                errors.Add($"{key}: {path}:{number}: this line {problem}"); // not quoted: who named the file may not be allowed to read it
            templates.Add(template);
        }
        if (errors.Count > MaxErrors)
            errors = [.. errors.Take(MaxErrors), $"{key}: {path} has {errors.Count - MaxErrors} more such lines."];
        return errors.Count == 0 ? templates : throw new BadInputException(errors);
    }

    /// <summary>Null: the template can be used.</summary>
    private static string? Problem(string template)
    {
        if (Code().IsMatch(template))
            return "is a line of a program or of JSON; write the prompt alone, one a line, as in: a photo of a {}.";
        if (OwnPlace().IsMatch(template))
            return null;
        return ForeignPlace().Match(template) is { Success: true } place
            ? $"has no place for the class name; write {Place} instead of {FileWords.Of(place.Value, 20)}."
            : $"has no place for the class name; write {Place} where it goes, as in: a photo of a {Place}.";
    }

    [GeneratedRegex(@"(?<![${])\{(c|label)\}(?!\})")]
    private static partial Regex OtherPlaces();

    /// <summary>Not "${}" or "{{}}", which other tools mean.</summary>
    [GeneratedRegex(@"(?<![${])\{\}(?!\})")]
    private static partial Regex OwnPlace();

    /// <summary>Other tools' notations.</summary>
    [GeneratedRegex(@"%\(\w*\)s|%s|%d|%\w+%|\$\{\w*\}|\$\w+|\{\{\s*\w*\s*\}\}|\{[^{}]*\}|<[^<>]+>|\[[^\[\]]+\]")]
    private static partial Regex ForeignPlace();

    /// <summary>Python's lambdas and lists, and JSON: lines that are pasted from programs, with a place in them.</summary>
    [GeneratedRegex(@"^lambda\b|^\w+\s*=\s*[\[(]|^[\[(]\s*f?[""']|^f?([""']).*\1\s*[,\])]*$")]
    private static partial Regex Code();
}
