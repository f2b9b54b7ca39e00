using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;

namespace ClipDistributed.Cli.Exports;

/// <summary>An MLflow tracking server and what it is to know of the sender.</summary>
/// <param name="Token">Null: none is sent.</param>
internal sealed record MlflowServer(Uri Address, string? Token)
{
    public const string Option = "--url", TokenOption = "--access-token-file";
    public const string Variable = "MLFLOW_TRACKING_URI", TokenVariable = "MLFLOW_TRACKING_TOKEN";

    /// <param name="given">Of the command line or the variable; null: neither.</param>
    /// <exception cref="BadInputException">It is no address, or the token would be readable on its way there.</exception>
    public static MlflowServer Of(string? given, string? token)
    {
        if (given is null)
            throw new BadInputException($"{Option} is missing; give the address of the MLflow server, such as http://127.0.0.1:5000.");
        if (!Uri.TryCreate(given.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new BadInputException(
                $"{Option} is '{Excerpt.Of(AddressText.WithoutUser(given), 200)}'; give the address of an MLflow server, such as "
                    + "http://127.0.0.1:5000.");
        if (address.UserInfo != "")
            throw new BadInputException($"{Option} holds a user or password, which addresses show to others; use {TokenOption}.");
        if (token is not null && address.Scheme == "http" && !address.IsLoopback)
            throw new BadInputException(
                $"{Option} is {address}, and the access token could be read on its way there; use https, or send none.");
        if (token is not null && (token == "" || token.Any(c => c is <= ' ' or > '~')))
            throw new BadInputException(
                $"The access token of {TokenOption} (or {TokenVariable}) is empty or no token; put one there alone.");
        return new MlflowServer(address, token);
    }
}
