using System.Diagnostics;
using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Data.Preparation;

/// <summary>
/// Only one process writes to a run directory. The lock is an open file: it is gone when its process is. One that lives on
/// where its coordinator cannot reach it keeps it, so a replica with a better claim puts another file in its place. Who
/// took the lock last is written beside it, and a holder looks there before it writes.
/// </summary>
public sealed class RunDirectoryLock : IDisposable
{
    private const string Alone = "alone";
    private const int SignatureBytes = 256, MaxSignature = 4 * SignatureBytes;

    // The coordinator and clipd replace files here without the lock, which takes them seconds.
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    private readonly RunDirectory directory;
    private readonly FileStream file;
    private readonly string signature; // the claim, and what distinguishes it from any other

    private RunDirectoryLock(RunDirectory directory, FileStream file, WriterClaim? claim)
    {
        (this.directory, this.file) = (directory, file);
        signature = $"{claim?.ToString() ?? Alone}\n{Guid.NewGuid():N}\n".PadRight(SignatureBytes);
        // In its place, for which a full disk has room. Who reads half of it sees that it is not its own.
        using var writer = GuardedFile.Open(directory.Writer);
        byte[] written = Encoding.UTF8.GetBytes(signature);
        writer.Write(written);
        writer.SetLength(written.Length);
        writer.Flush(flushToDisk: true);
        GuardedFile.RemoveAbandoned(directory.Root, AbandonedAfter);
    }

    /// <param name="patience">How long a holder that is about to end is waited for.</param>
    /// <param name="claim">Null: it replaces no other holder, and none replaces it.</param>
    /// <exception cref="BadInputException">The directory cannot be written, or another process holds it.</exception>
    /// <exception cref="IOException">There is a claim, and the directory is unavailable or full.</exception>
    public static RunDirectoryLock Take(RunDirectory directory, TimeSpan patience = default, WriterClaim? claim = null)
    {
        long began = Stopwatch.GetTimestamp(); // a wall clock may be set meanwhile
        FileStream? file = null;
        while (true)
        {
            try
            {
                Directory.CreateDirectory(directory.Root);
                file = GuardedFile.Lock(directory.Lock);
                return new RunDirectoryLock(directory, file, claim);
            }
            catch (IOException held) when (
                file is null && held.HResult == GuardedFile.Locked && claim?.Supersedes(WriterFile.Claim(directory)) == true)
            {
                StealLock(directory); // its holder may never end
            }
            catch (IOException held) when (file is null && held.HResult == GuardedFile.Locked && Stopwatch.GetElapsedTime(began) < patience)
            {
                Thread.Sleep(50);
            }
            catch (IOException held) when (file is null && held.HResult == GuardedFile.Locked)
            {
                throw new BadInputException(
                    $"run_directory {directory.Root} is in use by another process; wait for it, stop it, or choose another run_directory.");
            }
            catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
            {
                file?.Dispose();
                if (denied is IOException && claim is not null)
                    throw; // shared storage that is unavailable for a moment is no reason to end a run
                throw new BadInputException($"run_directory {directory.Root} cannot be written: {denied.Message}");
            }
        }
    }

    /// <summary>To be called before anything is written that others read.</summary>
    /// <exception cref="IOException">A later generation of the run writes here now, or the directory is unavailable.</exception>
    public void ThrowIfSuperseded()
    {
        string found = WriterFile.Read(directory);
        if (found == signature)
            return;
        string by = found.Length <= MaxSignature ? found.Split('\n')[0].Trim() : "";
        throw new DirectorySupersededException(
            WriterClaim.TryParse(by) is { } claim
                ? $"{directory.Root} is written by a later generation of this run now ({claim}); nothing of "
                    + "this one is wanted there any more"
            : by == Alone ? $"{directory.Root} is written by another process now; nothing of this one is wanted there any more"
            : $"{directory.Writer} does not say any more that this process writes to {directory.Root}: something else has overwritten it; "
                + "find out what does, then resume the run"
        );
    }

    /// <summary>The same right by a later claim: another replica may have taken the directory over since. This one is over.</summary>
    /// <inheritdoc cref="Take"/>
    public RunDirectoryLock Renew(TimeSpan patience, WriterClaim claim)
    {
        Dispose();
        return Take(directory, patience, claim);
    }

    public void Dispose() => file.Dispose();

    /// <summary>The former holder keeps its file, which nothing leads to any more.</summary>
    private static void StealLock(RunDirectory directory)
    {
        string fresh = GuardedFile.TemporaryName(directory.Lock);
        GuardedFile.Open(fresh).Dispose();
        File.Move(fresh, directory.Lock, overwrite: true);
    }
}
