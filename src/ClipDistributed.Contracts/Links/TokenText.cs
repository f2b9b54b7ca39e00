using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ClipDistributed.Contracts.Links;

/// <summary>A token as its owner has it: <c>clipd_ID_SECRET</c>, by which scanners find it where it should not be.</summary>
/// <param name="Id">Not secret.</param>
/// <param name="Text">Whole; never stored or logged by a coordinator.</param>
public readonly record struct TokenText(string Id, string Text)
{
    private const string Prefix = "clipd_";
    private const int IdBytes = 6, IdLength = 2 * IdBytes, SecretBytes = 32, SecretLength = 43; // base64url
    private const int Length = 6 + IdLength + 1 + SecretLength;

    public static TokenText New()
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        return new TokenText(id, $"{Prefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");
    }

    /// <returns>Null: it has another form.</returns>
    public static TokenText? TryParse(string text)
    {
        if (text.Length != Length || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + IdLength] != '_')
            return null;
        string id = text[Prefix.Length..(Prefix.Length + IdLength)];
        bool isOne = id.All(char.IsAsciiHexDigitLower) && Base64Url.IsValid(text.AsSpan(text.Length - SecretLength));
        return isOne ? new TokenText(id, text) : null;
    }

    public static bool IsOne(string text) => TryParse(text) is not null;

    /// <summary>SHA-256, which suffices for random bytes.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes(Text));

    public override string ToString() => $"{Prefix}{Id}";
}
