using System.CommandLine;
using System.Globalization;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary>The option that names a checkpoint which a job begins with: RUN, or RUN@STEP.</summary>
internal static class ForkOption
{
    public static Option<ForkSource?> Create() => new("--from")
    {
        Description = "Begins with the weights of another run's checkpoint and its spec, with what --set or a spec file give instead: "
            + "at least run_directory. Without a step its newest one.",
        HelpName = "run[@step]",
        CustomParser = result => Parse(result.Tokens[0].Value),
    };

    /// <summary>The values that differ from the other run's.</summary>
    /// <param name="file">Null: --set gives them all.</param>
    /// <exception cref="BadInputException">They cannot be read.</exception>
    public static TrainingSpec ReadChanges(string? file, IReadOnlyList<string> set)
    {
        var changes = file is null ? SpecReader.Read("{}", "--set", set) : SpecReader.ReadFile(file, set);
        SpecPaths.MakeAbsolute(changes);
        return changes;
    }

    /// <exception cref="BadInputException">It names none.</exception>
    private static ForkSource Parse(string given)
    {
        int at = given.LastIndexOf('@');
        string runId = at < 0 ? given : given[..at];
        long step = 0;
        bool isStep = at < 0 || long.TryParse(given[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out step) && step > 0;
        if (runId == "" || !isStep)
            throw new BadInputException($"--from is '{given}'; write RUN or RUN@STEP, as in demo-1@1200.");
        return new ForkSource { RunId = runId, Step = step };
    }
}
