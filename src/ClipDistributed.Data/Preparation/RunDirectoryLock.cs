using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Data.Preparation;

/// <summary>Only one process writes to a run directory. The lock is the open file: it is gone when its process is.</summary>
public sealed class RunDirectoryLock : IDisposable
{
    private const int WouldBlock = 11; // EWOULDBLOCK, what a file that another process has locked gives

    private readonly FileStream file;

    private RunDirectoryLock(FileStream file) => this.file = file;

    /// <param name="patience">How long a holder that is about to end is waited for.</param>
    /// <exception cref="BadInputException">The directory cannot be written, or another process holds it.</exception>
    public static RunDirectoryLock Take(RunDirectory directory, TimeSpan patience = default)
    {
        long began = Stopwatch.GetTimestamp(); // a wall clock may be set meanwhile
        while (true)
        {
            try
            {
                Directory.CreateDirectory(directory.Root);
                return new RunDirectoryLock(new FileStream(directory.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException held) when (held.HResult == WouldBlock && Stopwatch.GetElapsedTime(began) < patience)
            {
                Thread.Sleep(50);
            }
            catch (IOException held) when (held.HResult == WouldBlock)
            {
                throw new BadInputException($"run_directory {directory.Root} is in use by another process; wait for it, stop it, or choose another run_directory.");
            }
            catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
            {
                throw new BadInputException($"run_directory {directory.Root} cannot be written: {denied.Message}");
            }
        }
    }

    public void Dispose() => file.Dispose();
}
