using System.Data.Common;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Databases;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store.Backups;

/// <summary>
/// Makes a store of a backup, in whatever database: the backup is checked, migrated and changed in a copy, which then takes the store's
/// place in one step.
/// </summary>
public sealed class StoreRestore(CoordinatorOptions options, TimeProvider time)
{
    private const int FirstYear = 2024; // no backup is older
    /// <exception cref="BadInputException">The backup cannot be used, or the store is in use or has jobs.</exception>
    public async Task<RestoredStore> RunAsync(RestoreRequest request, CancellationToken cancel)
    {
        try
        {
            return await (options.Store is null ? IntoFileAsync(request, cancel) : IntoServerAsync(request, cancel));
        }
        catch (Exception broken) when (broken is DbException or DbUpdateException)
        {
            throw new BadInputException($"{request.File} cannot be restored: {StoreSchema.Reason(broken)}");
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(
                $"The state directory {options.StateDirectory} cannot be used ({denied.Message.TrimEnd('.')}); make room there, or choose "
                    + "another with --state.");
        }
    }

    private async Task<RestoredStore> IntoFileAsync(RestoreRequest request, CancellationToken cancel)
    {
        using var place = SqliteReplacement.Open(options.StateDirectory);
        using var work = Work();
        var (jobs, term) = place.Read();
        CheckEmpty(SqliteDatabase.NameIn(options.StateDirectory), jobs, request);
        RestoredStore restored;
        using (var copy = Extract(request, work, out var header))
            restored = await ChangeAsync(copy, request, header, term, cancel);
        string? replaced = place.Put(SqliteDatabase.NameIn(work.Path), time.GetUtcNow());
        return restored with { Name = SqliteDatabase.NameIn(options.StateDirectory), Replaced = replaced };
    }

    private async Task<RestoredStore> IntoServerAsync(RestoreRequest request, CancellationToken cancel)
    {
        using var work = Work();
        using var database = StoreSchema.Open(options);
        var leader = await UnusedAsync(database, cancel);
        await using var store = new CoordinatorDb(database.Options);
        CheckEmpty(database.Name, await store.Jobs.CountAsync(cancel) + await store.Runs.CountAsync(cancel), request);
        using var copy = Extract(request, work, out var header);
        var restored = await ChangeAsync(copy, request, header, leader.Term, cancel);
        await using var from = new CoordinatorDb(copy.Options);
        await using var transaction = await store.Database.BeginTransactionAsync(cancel);
        await store.Database.ExecuteSqlRawAsync("LOCK TABLE coordinator IN ACCESS EXCLUSIVE MODE", cancel); // none begins to lead now
        if (!IsSame(leader, await store.Coordinator.AsNoTracking().SingleAsync(cancel)))
            throw InUse(database, leader);
        await RowCopy.RunAsync(from, store, cancel);
        await transaction.CommitAsync(cancel);
        return restored with { Name = database.Name };
    }

    /// <summary>A leader that lives sends heartbeats.</summary>
    private async Task<CoordinatorRow> UnusedAsync(IStoreDatabase database, CancellationToken cancel)
    {
        var seen = await RunStore.ReadLeaderAsync(database, cancel);
        if (seen.Holder == "")
            return seen;
        await Task.Delay(options.LeaderLease, time, cancel);
        return IsSame(seen, await RunStore.ReadLeaderAsync(database, cancel)) ? seen : throw InUse(database, seen);
    }

    private async Task<RestoredStore> ChangeAsync(
        IStoreDatabase copy, RestoreRequest request, BackupHeader header, long term, CancellationToken cancel)
    {
        var (taken, now) = (header.Taken.ToDateTime(), time.GetUtcNow().UtcDateTime);
        if (now < taken)
            throw new BadInputException(
                $"{request.File} was taken at {taken:yyyy-MM-dd HH:mm:ss} UTC, and this machine's clock is at {now:yyyy-MM-dd HH:mm:ss}; "
                    + "set the clock, which says how many numbers may have been given out since.");
        await using var db = new CoordinatorDb(copy.Options);
        await CheckNumbersAsync(db, taken, request, cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var active = await new NumberGap(taken, now).LeaveAsync(db, term, cancel);
        if (request.RevokeTokens)
            await db.Tokens.Where(token => token.Revoked == null)
                .ExecuteUpdateAsync(row => row.SetProperty(one => one.Revoked, now), cancel);
        int tokens = await db.Tokens.CountAsync(
            token => token.Revoked == null && (token.Expires == null || token.Expires > now), cancel);
        int runs = await db.Runs.CountAsync(run => run.Deleted == null, cancel);
        await transaction.CommitAsync(cancel);
        return new RestoredStore(header, copy.Name, runs, active, tokens, Replaced: null);
    }

    /// <summary>No coordinator has given out such numbers; adding to them would begin at the lowest again.</summary>
    private static async Task CheckNumbersAsync(CoordinatorDb db, DateTime taken, RestoreRequest request, CancellationToken cancel)
    {
        long term = (await db.Coordinator.AsNoTracking().SingleAsync(cancel)).Term;
        long generation = await db.Runs.MaxAsync(run => (long?)run.Generation, cancel) ?? 0;
        long sequence = await db.Records.MaxAsync(record => (long?)record.Sequence, cancel) ?? 0;
        if (taken.Year < FirstYear || new[] { term, generation, sequence }.Any(number => number is < 0 or > NumberGap.Max))
            throw new BadInputException(
                $"{request.File} was not made by clipd coordinator backup: its time or its numbers are none that can have been given out.");
    }

    /// <summary>Opens it as a coordinator would: what it cannot read is found, and older tables are migrated.</summary>
    private static IStoreDatabase Extract(RestoreRequest request, WorkFolder work, out BackupHeader header)
    {
        using (var file = GuardedFile.CreateNew(SqliteDatabase.NameIn(work.Path)))
            header = BackupFile.Extract(request.File, file);
        try
        {
            SqliteDatabase.CheckPlain(SqliteDatabase.NameIn(work.Path));
            return StoreSchema.Open(new CoordinatorOptions { StateDirectory = work.Path });
        }
        catch (Exception broken) when (broken is BadInputException or DbException)
        {
            throw new BadInputException($"{request.File} holds no tables of a coordinator that can be read; restore another backup.");
        }
    }

    private WorkFolder Work()
    {
        Directory.CreateDirectory(options.StateDirectory, GuardedFile.OwnerOnlyFolder);
        return WorkFolder.TryOpen(options.StateDirectory) ?? throw new BadInputException(
            $"Another backup or restore is at work in {options.StateDirectory}; try again when it has ended.");
    }

    /// <param name="jobs">Null: it cannot be read.</param>
    private static void CheckEmpty(string name, long? jobs, RestoreRequest request)
    {
        if (jobs != 0 && !request.Replace)
            throw new BadInputException(
                $"{name} {(jobs is null ? "is there, and damaged" : "has jobs and runs")}; --replace puts the backup in its place, or "
                    + "choose another store with --state or --store.");
    }

    private static bool IsSame(CoordinatorRow seen, CoordinatorRow now) =>
        (seen.Term, seen.Heartbeats, seen.Holder) == (now.Term, now.Heartbeats, now.Holder);

    private static BadInputException InUse(IStoreDatabase database, CoordinatorRow leader) =>
        new($"{database.Name} is in use by the coordinator {leader.Address}; stop all coordinators of it, and try again.");
}
