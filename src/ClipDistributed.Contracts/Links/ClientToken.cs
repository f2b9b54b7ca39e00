using System.Net;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ClipDistributed.Contracts.Links;

/// <summary>The token of a client of a coordinator, in a file that is read at each connection: it can be replaced meanwhile.</summary>
/// <param name="file">Null: that of a coordinator on this machine, for loopback addresses alone, so that no other machine gets it.</param>
/// <param name="option">What the user calls the file.</param>
public sealed class ClientToken(string? file, string option = "--token-file")
{
    private const string Header = "authorization", Scheme = "Bearer";

    /// <summary>Calls that have the token, where there is one.</summary>
    /// <param name="address">Of the coordinator.</param>
    /// <exception cref="BadInputException">The file cannot be read.</exception>
    public CallInvoker Calls(CallInvoker calls, string address)
    {
        if (Read(address) is not { } token)
            return calls;
        return calls.Intercept(headers =>
        {
            headers.Add(Header, $"{Scheme} {token}");
            return headers;
        });
    }

    /// <returns>Null: there is none for this address.</returns>
    /// <exception cref="BadInputException">The file cannot be read.</exception>
    public string? Read(string address)
    {
        if (file is null && !IsLoopback(address))
            return null;
        string path = file ?? StateFolder.TokenIn(StateFolder.Default);
        try
        {
            string? token = SecretFile.TryRead(path);
            if (token is null && file is not null)
                throw new BadInputException($"{option} is {path}, which is not there; clipd token create --out {path} makes one.");
            if (token is not null && !IsOne(token))
                throw new BadInputException($"{option} is {path}, which holds no token on its first line; put one there.");
            return token;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The token in {path} cannot be read ({refused.Message}); name another file with {option}.");
        }
    }

    /// <summary>A coordinator's, or one of a provider of OpenID Connect: three parts of base64url with dots between.</summary>
    private static bool IsOne(string token) => TokenText.IsOne(token)
        || token.Split('.') is { Length: 3 } parts && parts.All(part => part != "" && part.All(IsBase64Url));

    private static bool IsBase64Url(char one) => char.IsAsciiLetterOrDigit(one) || one is '-' or '_';

    private static bool IsLoopback(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Host == "localhost" || IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
