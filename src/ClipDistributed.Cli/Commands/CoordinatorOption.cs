using System.CommandLine;
using System.CommandLine.Parsing;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Tls;

namespace ClipDistributed.Cli.Commands;

/// <summary>
/// <c>--coordinator</c>. Its value holds those of the options that say how a coordinator is reached, which
/// <see cref="ClipdCommands"/> gives to every command that has this one.
/// </summary>
internal sealed class CoordinatorOption : Option<CoordinatorTarget>
{
    private const string Variable = "CLIPD_COORDINATOR";

    private readonly Option<string?> token = File(
        "--token-file", "CLIPD_TOKEN_FILE", "Holds the token of clipd token create.", "that of a coordinator of this user and machine");

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

    private CoordinatorTarget Target(ArgumentResult result, string addresses) =>
        new(addresses, new TlsFiles(Full(result.GetValue(authority)), Full(result.GetValue(certificate)), Full(result.GetValue(key))))
        {
            TokenFile = Full(result.GetValue(token)),
        };

    /// <summary>Replicas of a worker may run in another folder.</summary>
    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);

    private static Option<string?> File(string name, string variable, string what, string otherwise) => new Option<string?>(name)
    {
        Description = $"{what} The variable {variable} changes the default. [default: {otherwise}]",
        HelpName = "file",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } path ? path : null,
    }.AsOptionalPath();
}
