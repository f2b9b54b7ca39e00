using System.CommandLine;

namespace ClipDistributed.Cli.Commands;

/// <summary>Which checkpoint of which run a command is about.</summary>
internal sealed class CheckpointArguments
{
    public Argument<string> Run { get; } = CommonOptions.RunId();

    public Argument<long> Step { get; } = new("step")
    {
        Description = "The step that it was saved after, as clipd checkpoint list shows it.",
    };

    public Option<int> Attempt { get; } = NewAttempt();

    public static Option<int> NewAttempt() => new("--attempt")
    {
        Description = "The attempt that saved it, from 1; without it the last one that has a checkpoint of this step.",
        HelpName = "number",
    };

    /// <returns>Attempt 0: none is given.</returns>
    public (string RunId, long Step, int Attempt) Of(ParseResult result) =>
        (result.GetRequiredValue(Run), result.GetRequiredValue(Step), result.GetValue(Attempt));
}
