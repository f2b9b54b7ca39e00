using System.CommandLine;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>All commands that there are, by names such as <c>run list</c>.</summary>
internal static class CommandTree
{
    public static IEnumerable<string> Paths() => Paths(ClipdCommands.Create(), "");

    public static Command Find(string path) => path.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate((Command)ClipdCommands.Create(), (at, name) => at.Subcommands.Single(command => command.Name == name));

    /// <summary>Those with -o json.</summary>
    public static IEnumerable<string> WithJson() =>
        Paths()
            .Where(path =>
                Find(path)
                    .Options.Any(option => option.Aliases.Contains("-o") && option.HelpName!.EndsWith("|json", StringComparison.Ordinal))
            );

    private static IEnumerable<string> Paths(Command at, string path) =>
        at.Subcommands.SelectMany(command => Paths(command, $"{path} {command.Name}".Trim())).Prepend(path);
}
