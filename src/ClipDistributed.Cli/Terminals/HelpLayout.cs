using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ClipDistributed.Cli.Terminals;

/// <summary>Help as wide as its reader's terminal, with examples at its end.</summary>
internal static class HelpLayout
{
    /// <summary>Columns below which two columns of text are of no use.</summary>
    private const int MinWidth = 40;

    /// <param name="width">Columns; null: a pipe, which has no margin.</param>
    public static void Use(RootCommand root, int? width)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            if (help.Action is not HelpAction action)
                continue;
            if (width is { } columns)
                action.MaxWidth = Math.Max(MinWidth, columns);
            help.Action = new WithExamples(action);
        }
    }

    private sealed class WithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = help.Invoke(parseResult);
            var examples = HelpExamples.Of(string.Join(' ', CommandPath.Of(parseResult.CommandResult).Split(' ').Skip(1)));
            var output = parseResult.InvocationConfiguration.Output;
            if (examples.Count > 0)
                output.WriteLine("Examples:");
            foreach (string example in examples)
                output.WriteLine($"  {example}");
            return code;
        }
    }
}
