using System.CommandLine;
using System.CommandLine.Parsing;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>The names of states of one kind, as in <c>pending</c>.</summary>
/// <typeparam name="T">Of which zero is unspecified.</typeparam>
internal static class StateNames<T>
    where T : struct, Enum
{
    /// <summary>Of all states.</summary>
    public static string[] All { get; } = [.. Enum.GetValues<T>().Where(state => !state.Equals(default(T))).Select(Of)];

    public static string Of(T state) => $"{state}".ToLowerInvariant();

    /// <summary>An option of a list: only what is in one of these states. Several may stand between commas.</summary>
    public static Option<T[]> Option(string description)
    {
        var option = new Option<T[]>("--state")
        {
            Description = description, AllowMultipleArgumentsPerToken = true, HelpName = "name[,name]", CustomParser = Parse,
        };
        option.CompletionSources.Add(All);
        return option;
    }

    private static T[] Parse(ArgumentResult result)
    {
        var states = new List<T>();
        foreach (string name in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            int place = Array.FindIndex(All, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (place < 0)
                result.AddError($"--state is '{name}'; use {string.Join(", ", All)}.");
            else
                states.Add(Enum.Parse<T>(All[place], ignoreCase: true));
        }
        return [.. states.Distinct()];
    }
}
