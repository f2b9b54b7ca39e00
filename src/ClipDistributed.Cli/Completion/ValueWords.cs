using System.CommandLine;
using System.CommandLine.Completions;

namespace ClipDistributed.Cli.Completion;

/// <summary>What a shell offers for a value.</summary>
/// <param name="Words">Those that can be given; one that ends with = is gone on with.</param>
/// <param name="IsPath">Files and folders.</param>
internal sealed record ValueWords(IReadOnlyList<string> Words, bool IsPath)
{
    /// <param name="symbol">An option or an argument.</param>
    public static ValueWords Of(Symbol symbol) => new(
        [.. symbol.GetCompletions(CompletionContext.Empty).Select(item => item.Label)], PathMarks.IsPath(symbol));
}
