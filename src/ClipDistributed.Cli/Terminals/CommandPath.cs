using System.CommandLine;
using System.CommandLine.Parsing;

namespace ClipDistributed.Cli.Terminals;

/// <summary>What a command is called with those above it, as in <c>clipd data pack</c>.</summary>
internal static class CommandPath
{
    public static string Of(CommandResult result)
    {
        var names = new Stack<string>();
        for (var at = result; at is not null; at = at.Parent as CommandResult)
            names.Push(at.Command is RootCommand ? "clipd" : at.Command.Name);
        return string.Join(' ', names);
    }
}
