using System.CommandLine;
using System.Runtime.CompilerServices;

namespace ClipDistributed.Cli.Completion;

/// <summary>Which options and arguments name files or folders. Thread-safe.</summary>
internal static class PathMarks
{
    private static readonly ConditionalWeakTable<Symbol, object> Marked = [];

    public static void Add(Symbol symbol) => Marked.Add(symbol, symbol);

    public static bool IsPath(Symbol symbol) => Marked.TryGetValue(symbol, out _);
}
