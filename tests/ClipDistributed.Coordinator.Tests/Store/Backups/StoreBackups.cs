using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Backups;
using ClipDistributed.Coordinator.Store.Rows;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Tests.Store.Backups;

/// <summary>Makes backups without a coordinator.</summary>
internal static class StoreBackups
{
    /// <param name="taken">Null: now.</param>
    /// <returns>The file.</returns>
    public static async Task<string> MakeAsync(TemporaryFolder folder, CoordinatorOptions options, DateTime? taken = null)
    {
        using var database = StoreSchema.Open(options);
        await using var db = new CoordinatorDb(database.Options);
        return await MakeAsync(folder, db, taken);
    }

    /// <param name="db">May be written meanwhile.</param>
    public static async Task<string> MakeAsync(TemporaryFolder folder, CoordinatorDb db, DateTime? taken = null)
    {
        string work = folder.File($"{Guid.NewGuid():N}"), path = $"{work}.backup";
        Directory.CreateDirectory(work);
        var header = new BackupHeader { Taken = (taken ?? DateTime.UtcNow).ToTimestamp(), Schema = StoreSchema.Migrations[^1] };
        await using var database = File.OpenRead(await StoreSnapshot.MakeAsync(db, work, TestContext.Current.CancellationToken));
        header.Bytes = database.Length;
        await using var file = File.Create(path);
        await foreach (var piece in BackupFile.PiecesAsync(header, database, TestContext.Current.CancellationToken))
            await file.WriteAsync(piece, TestContext.Current.CancellationToken);
        return path;
    }

    public static Task<RestoredStore> RestoreAsync(
        CoordinatorOptions options, string file, bool replace = false, bool revoke = false, TimeProvider? time = null) =>
        new StoreRestore(options, time ?? TimeProvider.System).RunAsync(
            new RestoreRequest(file) { Replace = replace, RevokeTokens = revoke }, TestContext.Current.CancellationToken);
}
