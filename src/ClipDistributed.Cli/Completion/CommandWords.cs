using System.CommandLine;

namespace ClipDistributed.Cli.Completion;

/// <summary>What can follow a command, for a shell to offer.</summary>
/// <param name="Path">As in <c>run list</c>; empty: clipd itself.</param>
/// <param name="Commands">Their names and meanings.</param>
/// <param name="Arguments">What it takes besides options; null: nothing.</param>
internal sealed record CommandWords(
    string Path, IReadOnlyList<(string Name, string Meaning)> Commands, IReadOnlyList<OptionWords> Options, ValueWords? Arguments)
{
    /// <summary>Of the whole tree, each command after the one above it.</summary>
    public static IReadOnlyList<CommandWords> Of(Command root) => [.. Of(root, "", [])];

    /// <summary>The first sentence of a description.</summary>
    public static string Sentence(string? description)
    {
        string line = (description ?? "").ReplaceLineEndings(" ");
        int end = line.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? line : line[..end]).TrimEnd('.');
    }

    private static IEnumerable<CommandWords> Of(Command at, string path, IReadOnlyList<Option> inherited)
    {
        var options = at.Options.Concat(inherited).Where(option => !option.Hidden);
        var commands = at.Subcommands.Where(command => !command.Hidden).ToList();
        yield return new CommandWords(
            path,
            [.. commands.Select(command => (command.Name, Sentence(command.Description)))],
            [.. options.Select(OptionWords.Of)],
            at.Arguments.Count == 0 ? null : Merged(at.Arguments.Select(ValueWords.Of)));
        List<Option> handed = [.. inherited, .. at.Options.Where(option => option.Recursive)];
        foreach (var words in commands.SelectMany(command => Of(command, $"{path} {command.Name}".Trim(), handed)))
            yield return words;
    }

    /// <summary>Which of several arguments is next does not matter: no command takes words for one and files for another.</summary>
    private static ValueWords Merged(IEnumerable<ValueWords> arguments) =>
        arguments.Aggregate((first, next) => new ValueWords([.. first.Words, .. next.Words], first.IsPath || next.IsPath));
}
