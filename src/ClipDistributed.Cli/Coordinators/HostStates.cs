using System.CommandLine.Parsing;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>The states of a host by their names.</summary>
internal static class HostStates
{
    /// <summary>Of all states.</summary>
    public static string[] Names => [.. Enum.GetValues<HostState>().Where(state => state != HostState.Unspecified).Select(Name)];

    /// <summary>Those that an option is given; several may stand between commas.</summary>
    public static HostState[] Parse(ArgumentResult result)
    {
        var states = new List<HostState>();
        foreach (string name in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            var found = Enum.GetValues<HostState>().FirstOrDefault(state => Name(state) == name);
            if (found == HostState.Unspecified)
                result.AddError($"--state is '{name}'; use {string.Join(", ", Names)}.");
            states.Add(found);
        }
        return [.. states.Distinct()];
    }

    private static string Name(HostState state) => state.ToString().ToLowerInvariant();
}
