using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Backups;
using ClipDistributed.Coordinator.Store.Databases;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Control.Backups;

/// <summary>A backup of the store that a coordinator leads with, until it is disposed. For one reader.</summary>
internal sealed class StoreBackup : IDisposable
{
    /// <summary>What a disk has left at least, so that a backup does not stop the runs.</summary>
    private const long Reserve = 64L << 20;

    private readonly WorkFolder work;
    private readonly FileStream database;
    private readonly BackupHeader header;

    private StoreBackup(WorkFolder work, FileStream database, BackupHeader header) =>
        (this.work, this.database, this.header) = (work, database, header);

    /// <exception cref="RequestRefusedException">Another one is being made, or there is no room for it.</exception>
    public static async Task<StoreBackup> MakeAsync(
        RunStore store, CoordinatorOptions options, TimeProvider time, CancellationToken cancel)
    {
        var work = WorkFolder.TryOpen(options.StateDirectory)
            ?? throw RequestRefusedException.WrongState("another backup of this coordinator is being made; try again when it has ended");
        try
        {
            CheckRoom(options);
            var header = new BackupHeader
            {
                Taken = time.GetUtcNow().ToTimestamp(), // before: what is lost since then may be in it all the same
                Version = ProgramVersion.Full,
                Schema = StoreSchema.Migrations[^1],
                Store = store.IsShared ? "postgresql" : "sqlite",
                Term = store.Term,
            };
            await using var db = store.Read();
            var database = File.OpenRead(await StoreSnapshot.MakeAsync(db, work.Path, cancel));
            header.Bytes = database.Length;
            return new StoreBackup(work, database, header);
        }
        catch
        {
            work.Dispose();
            throw;
        }
    }

    public IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(CancellationToken cancel) => BackupFile.PiecesAsync(header, database, cancel);

    public void Dispose()
    {
        database.Dispose();
        work.Dispose();
    }

    private static void CheckRoom(CoordinatorOptions options)
    {
        if (options.Store is not null)
            return; // how much it will be is not known
        string file = SqliteDatabase.NameIn(options.StateDirectory);
        long needed = new[] { file, $"{file}-wal" }.Where(File.Exists).Sum(one => new FileInfo(one).Length) + Reserve;
        long free = new DriveInfo(options.StateDirectory).AvailableFreeSpace;
        if (free < needed)
            throw new RequestRefusedException(
                StatusCode.ResourceExhausted,
                $"a backup is first made in {options.StateDirectory}, where {free >> 20} MiB are free, and needs "
                    + $"{needed >> 20} MiB; make room there");
    }
}
