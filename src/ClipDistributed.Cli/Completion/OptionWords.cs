using System.CommandLine;

namespace ClipDistributed.Cli.Completion;

/// <summary>An option as a shell offers it.</summary>
/// <param name="Names">As in <c>--output</c> and <c>-o</c>.</param>
/// <param name="Meaning">One sentence.</param>
/// <param name="Value">Null: it takes none.</param>
internal sealed record OptionWords(IReadOnlyList<string> Names, string Meaning, ValueWords? Value)
{
    public static OptionWords Of(Option option)
    {
        bool isFlag = option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0;
        return new OptionWords(
            [option.Name, .. option.Aliases.Order(StringComparer.Ordinal).Where(name => name.StartsWith('-'))],
            CommandWords.Sentence(option.Description),
            isFlag ? null : ValueWords.Of(option));
    }
}
