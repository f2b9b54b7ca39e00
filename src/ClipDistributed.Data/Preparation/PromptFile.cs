using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Preparation;

/// <summary>A text file with one class name, or one template, a line.</summary>
public static class PromptFile
{
    private const long MaxFile = 16_000_000;

    /// <summary>Its lines, trimmed; empty ones do not count.</summary>
    /// <param name="key">Names the file in errors: the spec's field or the option.</param>
    /// <param name="pipe">A pipe will do: this process alone reads the file, and once.</param>
    /// <exception cref="BadInputException">There is no such file, or it has no lines.</exception>
    public static IReadOnlyList<string> Read(string path, string key, bool pipe = false) =>
        [.. ReadNumbered(path, key, pipe).Select(line => line.Text)];

    /// <summary>The same with the numbers of the lines, from 1.</summary>
    internal static IReadOnlyList<(int Number, string Text)> ReadNumbered(string path, string key, bool pipe)
    {
        if (FileKinds.Of(path) == FileKind.Missing)
            throw new BadInputException(
                $"{key}: there is no file {Path.GetFullPath(path)}; expected a file with one class (or template) a line."
            );
        string[] all = InputFile.ReadText(path, key, MaxFile, pipe).ReplaceLineEndings("\n").Split('\n');
        (int, string)[] lines = [.. all.Select((line, i) => (i + 1, line.Trim())).Where(line => line.Item2.Length > 0)];
        return lines.Length > 0 ? lines : throw new BadInputException($"{key}: {Path.GetFullPath(path)} has no lines.");
    }
}
