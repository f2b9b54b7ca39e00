using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Coordinator.Control.Lists;

/// <summary>Where the next page of a list begins, as clients give it back: opaque, and of this list alone.</summary>
/// <param name="list">The list and how it was asked for.</param>
internal sealed class PageToken(string list)
{
    private const int MarkLength = 16;

    /// <summary>What is said of one that this program did not write.</summary>
    public static InputError Forged { get; } = new(
        "page_token", "page_token is none of this list, its filter and its order; leave it out to begin with the first page.");

    private readonly string mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list)))[..MarkLength];

    /// <param name="key">Of the last item before it.</param>
    public string Write(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(mark + key));

    /// <returns>The key; null: from the beginning.</returns>
    public string? Read(string token, List<InputError> errors)
    {
        if (token == "")
            return null;
        string text = Base64Url.IsValid(token) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)) : "";
        if (text.StartsWith(mark, StringComparison.Ordinal))
            return text[MarkLength..];
        errors.Add(Forged);
        return null;
    }
}
