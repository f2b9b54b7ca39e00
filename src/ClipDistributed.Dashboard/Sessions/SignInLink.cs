using System.Security.Cryptography;
using System.Text;

namespace ClipDistributed.Dashboard.Sessions;

/// <summary>The secret of a link that signs in whoever opens it first, within a while. Thread-safe.</summary>
public sealed class SignInLink(TimeProvider time, TimeSpan lifetime)
{
    public const string Path = "/sign-in/link";

    private readonly byte[] secret = RandomNumberGenerator.GetBytes(32);
    private readonly long made = time.GetTimestamp();
    private int isUsed;

    /// <summary>As in <c>http://127.0.0.1:7070/sign-in/link?code=…</c>.</summary>
    public string At(string address) => $"{address}{Path}?code={Text}";

    private string Text => Convert.ToHexStringLower(secret);

    /// <returns>Whether it was this link's code, in time, for the first time.</returns>
    public bool TryUse(string? code) =>
        code is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(code), Encoding.UTF8.GetBytes(Text))
        && time.GetElapsedTime(made) < lifetime
        && Interlocked.Exchange(ref isUsed, 1) == 0;
}
