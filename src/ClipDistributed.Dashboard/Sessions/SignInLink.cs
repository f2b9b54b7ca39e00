using System.Security.Cryptography;
using System.Text;

namespace ClipDistributed.Dashboard.Sessions;

/// <summary>A link that signs in the browser that opens it first, within a while of its making. Thread-safe.</summary>
public sealed class SignInLink(TimeProvider time, TimeSpan lifetime) : IDisposable
{
    public const string Path = "/sign-in/link";

    private readonly SemaphoreSlim opening = new(1, 1);
    private volatile Secret? secret; // null: none was made, or it is used up

    public void Dispose() => opening.Dispose();

    /// <summary>Makes the link; an earlier one is worth nothing any more.</summary>
    /// <returns>As in <c>http://127.0.0.1:7070/sign-in/link?code=…</c>.</returns>
    public string Renew(string address)
    {
        var made = new Secret(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), time.GetTimestamp());
        secret = made;
        return $"{address}{Path}?code={made.Text}";
    }

    /// <summary>
    /// Opens a session if the code is the link's, and then uses the link up. Of several at a time each waits for the one before it, so
    /// that one gets a session.
    /// </summary>
    /// <param name="open">Returns whether there is a session now.</param>
    public async Task UseAsync(string? code, Func<Task<bool>> open)
    {
        if (Known(code) is null)
            return; // also so that no guess waits
        await opening.WaitAsync();
        try
        {
            if (Known(code) is { } known && await open())
                Interlocked.CompareExchange(ref secret, null, known);
        }
        finally
        {
            opening.Release();
        }
    }

    private Secret? Known(string? code) =>
        code is not null && secret is { } now
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(code), Encoding.UTF8.GetBytes(now.Text))
        && time.GetElapsedTime(now.Made) < lifetime
            ? now : null;

    private sealed record Secret(string Text, long Made);
}
