using System.Text;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Files;

/// <summary>
/// A path as a person writes it. A shell expands <c>~</c> and <c>$NAME</c> only in some places, and never in a file: so they
/// are expanded here, the same way for every option and every field, and what cannot be expanded is refused. Otherwise a
/// folder of that very name would be made, and its contents looked for elsewhere.
/// </summary>
public static partial class UserPath
{
    /// <summary>With <c>~</c>, <c>$NAME</c> and <c>${NAME}</c> expanded; relative paths stay relative, empty ones empty.</summary>
    /// <param name="key">The option or the spec's field; begins the error.</param>
    /// <exception cref="BadInputException">It is not a path of a local file.</exception>
    public static string Expand(string path, string key)
    {
        if (path == "")
            return "";
        if (path.Any(char.IsControl))
            throw Refused("control characters are not allowed in a path");
        if (Scheme().IsMatch(path.TrimStart()))
            throw Refused("a local path is needed here, not a URL; a folder of that name is written with ./ before it");
        string rest = path;
        string home = "";
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal))
        {
            home = Variable("HOME");
            rest = path[1..];
        }
        else if (Exists(path))
        {
            return path; // a shell that lists files, as in *.png, gives their true names
        }
        else if (path.StartsWith('~'))
        {
            throw Refused(
                "the home folder of another user is not looked up; write the path in full, or ./ before a name that begins with ~");
        }
        if (path.Trim() != path)
            throw Refused("it begins or ends with white space; leave that out");
        var full = new StringBuilder(home);
        int at = 0;
        foreach (Match variable in Variables().Matches(rest))
        {
            full.Append(rest, at, variable.Index - at);
            if (!variable.Groups["name"].Success)
                throw Refused($"'{variable.Value}' cannot be expanded; only $NAME and ${{NAME}} are");
            full.Append(Variable(variable.Groups["name"].Value));
            at = variable.Index + variable.Length;
        }
        return full.Append(rest, at, rest.Length - at).ToString();

        string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value && !value.Any(char.IsControl)
            ? value
            : throw Refused($"the variable {name} is not set here; set it, or write the path in full");

        BadInputException Refused(string reason) => new($"{key} is '{Shown(path)}': {reason}.");
    }

    /// <summary>Expanded, and independent of the folder in which the program was called; empty ones stay empty.</summary>
    /// <inheritdoc cref="Expand"/>
    public static string Absolute(string path, string key) =>
        Expand(path, key) is { Length: > 0 } expanded ? Path.GetFullPath(expanded) : "";

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    private static string Shown(string path) => S3Location.Masked(ControlText.Escape(path));

    // One slash is enough: a path that was cleaned has lost the other.
    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*:/")]
    private static partial Regex Scheme();

    // What a shell would begin to expand: a name, bare or in braces; any other brace or parenthesis is beyond us.
    [GeneratedRegex(@"\$(?:\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}|(?<name>[A-Za-z_][A-Za-z0-9_]*)|\{[^}]*\}?|\([^)]*\)?)")]
    private static partial Regex Variables();
}
