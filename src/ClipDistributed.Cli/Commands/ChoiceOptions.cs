using System.CommandLine;

namespace ClipDistributed.Cli.Commands;

/// <summary>Options that take one of a few words.</summary>
internal static class ChoiceOptions
{
    /// <summary>Another word is refused in one line, which names the option and what it takes.</summary>
    public static Option<T> AsOneOf<T>(this Option<T> option, params string[] words)
    {
        option.CompletionSources.Add(words);
        option.HelpName ??= string.Join('|', words);
        option.Validators.Add(result =>
        {
            foreach (var given in result.Tokens.Where(token => !words.Contains(token.Value, StringComparer.Ordinal)))
                result.AddError($"{option.Name} is '{given.Value}'; use {Either(words)}.");
        });
        return option;
    }

    /// <summary>As in <c>a, b or c</c>.</summary>
    private static string Either(string[] words) => words.Length > 2
        ? $"{string.Join(", ", words[..^1])} or {words[^1]}"
        : string.Join(" or ", words);
}
