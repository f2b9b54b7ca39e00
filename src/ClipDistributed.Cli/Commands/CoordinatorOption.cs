using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Links;

namespace ClipDistributed.Cli.Commands;

/// <summary>Where a command finds its coordinator, and the token that it shows there.</summary>
internal sealed class CoordinatorOption : Option<string>
{
    private const string AddressVariable = "CLIPD_COORDINATOR", TokenVariable = "CLIPD_TOKEN_FILE";

    public CoordinatorOption()
        : base("--coordinator")
    {
        Description =
            "Address of the coordinator; where several stand by for each other, all of them, separated by commas. The variable "
            + $"{AddressVariable} changes the default.";
        DefaultValueFactory = _ => Variable(AddressVariable) ?? CoordinatorClient.DefaultAddress;
        HelpName = "url";
    }

    /// <summary>Every command with this option has that one too.</summary>
    public Option<string?> TokenFile { get; } = new Option<string?>("--token-file")
    {
        Description = $"Holds the token of clipd token create. [default: the variable {TokenVariable}, else the token of a coordinator of "
            + "this user and machine]",
        HelpName = "file",
    }.AsOptionalPath();

    /// <summary>Adds <see cref="TokenFile"/> to all commands that have a coordinator.</summary>
    public static void Complete(Command command)
    {
        foreach (var inner in command.Subcommands)
            Complete(inner);
        if (command.Options.OfType<CoordinatorOption>().FirstOrDefault() is { } coordinator)
            command.Options.Insert(command.Options.IndexOf(coordinator) + 1, coordinator.TokenFile);
    }

    /// <exception cref="Contracts.Errors.BadInputException">It is not an address.</exception>
    public CoordinatorClient Connect(ParseResult result) =>
        new(result.GetRequiredValue(this), new ClientToken(TokenFileOf(result)), TimeProvider.System);

    /// <returns>Null: none is named.</returns>
    public string? TokenFileOf(ParseResult result) => (result.GetValue(TokenFile) ?? Variable(TokenVariable)) is { } file
        ? Path.GetFullPath(file) : null;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
