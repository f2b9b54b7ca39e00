using System.CommandLine;
using System.CommandLine.Parsing;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Cli;

/// <summary>What is wrong with a command line, one line each, with what may have been meant.</summary>
internal static class CommandMistakes
{
    public static IReadOnlyList<string> Find(ParseResult result)
    {
        var command = result.CommandResult.Command;
        string path = CommandPath.Of(result.CommandResult);
        var tokens = Unknown(result).ToList();
        if (tokens.Exists(token => token.StartsWith('-')))
            tokens.RemoveAll(token => !token.StartsWith('-')); // their values
        else if (command.Subcommands.Count > 0 && tokens.Count > 1)
            tokens.RemoveRange(1, tokens.Count - 1); // what was meant for the command that is not there
        var unknown = tokens.Select(token =>
            token.StartsWith('-') ? NoOption(path, result, token)
            : command.Subcommands.Count > 0 ? NoCommand(path, command, token)
            : $"{path} takes no further argument '{token}'.").ToList();
        if (unknown.Count > 0)
            return unknown; // what the parser says besides follows from them
        var unread = UnreadValue.Find(result);
        return
        [
            .. unread.Select(value => value.Mistake),
            .. result.Errors.Where(error => !unread.Any(value => value.Explains(error))).Select(error =>
                string.Join(' ', error.Message.Split(['\n', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))
            ),
        ];
    }

    public static string NoCommand(string path, Command command, string name) =>
        $"{path} has no command '{name}'; "
        + $"{(Suggestion.Nearest(name, command.Subcommands.Select(sub => sub.Name)) is { } near ? $"did you mean {near}? It" : "it")} "
        + $"has: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}.";

    private static string NoOption(string path, ParseResult result, string token)
    {
        string name = token.Split('=', ':')[0];
        if (Meant(result, name) is { } after)
            return $"{name} comes after the command, as in {after} {name} …";
        string? near = Suggestion.Nearest(
            name,
            Options(result)
                .SelectMany(option => option.Aliases.Prepend(option.Name))
                .Where(known => known.StartsWith("--", StringComparison.Ordinal))
        );
        return $"{path} has no option '{name}'; {(near is null ? "--help lists those it has." : $"did you mean {near}?")}";
    }

    /// <summary>The command that has the option, where it was given before that command or in place of one; null: none has.</summary>
    private static string? Meant(ParseResult result, string option)
    {
        Command at = result.RootCommandResult.Command;
        string path = "clipd";
        foreach (var token in result.Tokens)
        {
            if (at.Subcommands.FirstOrDefault(sub => sub.Name == token.Value) is { } named)
                (at, path) = (named, $"{path} {named.Name}");
        }
        return Has(at, option) ? path : FirstWith(at, option) is { } below ? $"{path} {below}" : null;
    }

    /// <summary>As in <c>run list</c>.</summary>
    private static string? FirstWith(Command group, string option)
    {
        foreach (var sub in group.Subcommands.Where(sub => !sub.Hidden))
        {
            if (Has(sub, option))
                return sub.Name;
            if (FirstWith(sub, option) is { } below)
                return $"{sub.Name} {below}";
        }
        return null;
    }

    private static bool Has(Command command, string option) =>
        command.Options.Any(one => !one.Hidden && (one.Name == option || one.Aliases.Contains(option)));

    private static IEnumerable<Option> Options(ParseResult result)
    {
        for (var at = result.CommandResult; at is not null; at = at.Parent as CommandResult)
        {
            foreach (var option in at.Command.Options.Where(option => !option.Hidden && (at == result.CommandResult || option.Recursive)))
                yield return option;
        }
    }

    /// <summary>
    /// What the parser did not match, and what it took for an argument although it looks like an option: no file is called --modle.
    /// </summary>
    private static IEnumerable<string> Unknown(ParseResult result)
    {
        var plain = result.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).ToList();
        var taken = plain.Where(token => token.Type == TokenType.Argument && LooksLikeAnOption(token.Value)).Select(token => token.Value);
        return result.UnmatchedTokens.Concat(taken).Distinct();
    }

    private static bool LooksLikeAnOption(string value) =>
        value.Length > 2 && value.StartsWith("--", StringComparison.Ordinal)
        || value is ['-', >= 'a' and <= 'z' or >= 'A' and <= 'Z'] && !File.Exists(value);
}
