using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Preparation;

/// <summary>A text file with one class name, or one template, a line.</summary>
public static class PromptFile
{
    /// <summary>Its lines, trimmed; empty ones do not count.</summary>
    /// <param name="key">Names the file in errors: the spec's field or the option.</param>
    /// <exception cref="BadInputException">There is no such file, or it has no lines.</exception>
    public static IReadOnlyList<string> Read(string path, string key)
    {
        if (!File.Exists(path))
            throw new BadInputException($"{key}: there is no file {Path.GetFullPath(path)}; it holds one class or template a line.");
        string[] lines = [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return lines.Length > 0 ? lines : throw new BadInputException($"{key}: {Path.GetFullPath(path)} has no lines.");
    }
}
