using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Access;

/// <summary>
/// The token of the user who runs the coordinator, in the state folder, by which commands and workers on this machine need no other:
/// who can read it could read the store too. What lies there already is taken, so that it stays valid when the store is lost, and for
/// several coordinators of one folder.
/// </summary>
internal sealed partial class LocalToken(
    CoordinatorOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<LocalToken> logger)
{
    private readonly string path = StateFolder.TokenIn(options.StateDirectory);

    /// <summary>Makes the token where there is no valid one.</summary>
    public async Task EnsureAsync(TokenTable tokens)
    {
        try
        {
            if (SecretFile.TryRead(path) is { } text && TokenText.TryParse(text) is { } there)
            {
                if (tokens.Check(text).Token is { Row.Role: Role.Admin })
                    return;
                if (tokens.Find(there.Id) is null)
                {
                    await tokens.AddAsync(RowOf(there));
                    lifetime.ApplicationStarted.Register(() => LogTaken(path));
                    return;
                }
            }
            var made = TokenText.New();
            Directory.CreateDirectory(options.StateDirectory, GuardedFile.OwnerOnlyFolder);
            SecretFile.Write(path, made.Text); // first: a token in the store alone is of no use, and each start would add one
            await tokens.AddAsync(RowOf(made));
            lifetime.ApplicationStarted.Register(() => LogMade(path)); // one that cannot start says why, and nothing else
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            LogNone(path, denied.Message);
        }
    }

    private TokenRow RowOf(TokenText token) => new()
    {
        TokenId = token.Id, Hash = token.Hash(), Role = Role.Admin, Owner = $"{Environment.UserName}@{Environment.MachineName}",
        Created = time.GetUtcNow().UtcDateTime,
    };

    [LoggerMessage(Level = LogLevel.Information, EventName = "LocalTokenMade",
        Message = "{Path} holds a new token of an admin, for commands and workers on this machine.")]
    private partial void LogMade(string path);

    [LoggerMessage(Level = LogLevel.Information, EventName = "LocalTokenTaken",
        Message = "{Path} holds a token that the store did not know; it is valid from now on, as one of an admin.")]
    private partial void LogTaken(string path);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "LocalTokenMissing",
        Message = "{Path} cannot be used for a token of this machine ({Reason}); calls need another token.")]
    private partial void LogNone(string path, string reason);
}
