using System.CommandLine;
using System.CommandLine.Parsing;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Tls;

namespace ClipDistributed.Cli.Commands;

/// <summary>
/// <c>--coordinator</c>. Its value holds those of the options that say how a coordinator is reached, which
/// <see cref="ClipdCommands"/> gives to every command that has this one.
/// </summary>
internal sealed class CoordinatorOption : Option<CoordinatorTarget>
{
    private const string Variable = "CLIPD_COORDINATOR", TokenVariable = "CLIPD_TOKEN_FILE";

    private readonly Option<string?> token = File(
        "--token-file", TokenVariable, "Holds the token of clipd token create.", "that of a coordinator of this user and machine");

    private readonly Option<string?> authority = File(
        TlsFiles.CaOption, TlsFiles.CaVariable, "The CA of a coordinator with https, PEM; several may stand in it.",
        "those that this machine trusts");

    private readonly Option<string?> certificate = File(
        TlsFiles.CertificateOption, TlsFiles.CertificateVariable, "This client's certificate, PEM, where the coordinator needs one.",
        "none");

    private readonly Option<string?> key = File(
        TlsFiles.KeyOption, TlsFiles.KeyVariable, "The private key of that certificate, PEM.", "in the certificate's file");

    public CoordinatorOption()
        : base("--coordinator")
    {
        Description = "Address of the coordinator; where several stand by for each other, all of them, separated by commas. The variable "
            + $"{Variable} changes the default.";
        HelpName = "url";
        CustomParser = result => Target(result, result.Tokens[0].Value);
        DefaultValueFactory = result => Target(
            result, Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } address ? address : CoordinatorClient.DefaultAddress);
    }

    /// <summary>Of the same command.</summary>
    public IEnumerable<Option> Companions => [token, authority, certificate, key];

    /// <exception cref="Contracts.Errors.BadInputException">It is not an address, or a file cannot be used.</exception>
    public CoordinatorClient Connect(ParseResult result) => new(result.GetRequiredValue(this), TimeProvider.System);

    private CoordinatorTarget Target(ArgumentResult result, string addresses) => new(
        addresses,
        new TlsFiles(
            Path(result, authority, TlsFiles.CaVariable),
            Path(result, certificate, TlsFiles.CertificateVariable),
            Path(result, key, TlsFiles.KeyVariable)))
    {
        TokenFile = Path(result, token, TokenVariable),
    };

    /// <summary>In full: replicas of a worker may run in another folder.</summary>
    private static string? Path(ArgumentResult result, Option<string?> option, string variable)
    {
        string? given = result.GetResult(option) is { Tokens: [var word] } ? word.Value : null;
        try
        {
            string path = given ?? Environment.GetEnvironmentVariable(variable) ?? "";
            return path == "" ? null : UserPath.Absolute(path, given is null ? variable : option.Name);
        }
        catch (BadInputException wrong)
        {
            if (given is null) // else the option's own parser says it
                result.AddError(wrong.Message);
            return null;
        }
    }

    private static Option<string?> File(string name, string variable, string what, string otherwise) => new Option<string?>(name)
    {
        Description = $"{what} The variable {variable} changes the default. [default: {otherwise}]",
        HelpName = "file",
    }.AsOptionalPath();
}
