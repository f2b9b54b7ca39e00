namespace ClipDistributed.Training;

/// <summary>
/// A file that grows record by record. What the disk does not take is kept in memory, and goes before all later records once
/// there is room, so that none is missing, torn or out of order. For one thread at a time.
/// </summary>
internal sealed class PatientFile : IDisposable
{
    private const long MostWaiting = 256L << 20; // bytes; days of a full disk

    private readonly FileStream file;
    private readonly Queue<byte[]> waiting = [];
    private long waitingBytes;

    public PatientFile(string path, FileMode mode)
    {
        file = new FileStream(path, mode, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Seek(0, SeekOrigin.End);
    }

    /// <summary>Records that the disk has not taken yet.</summary>
    public int Waiting => waiting.Count;

    /// <summary>Records that found no room in memory either.</summary>
    public long Lost { get; private set; }

    /// <summary>To be written by the next <see cref="Flush"/>.</summary>
    public void Add(byte[] record)
    {
        if (waitingBytes + record.Length > MostWaiting)
        {
            Lost++;
            return;
        }
        waiting.Enqueue(record);
        waitingBytes += record.Length;
    }

    /// <exception cref="IOException">The disk does not take all of it; the rest is kept.</exception>
    public void Flush()
    {
        while (waiting.TryPeek(out byte[]? record))
        {
            long end = file.Position;
            try
            {
                file.Write(record);
            }
            catch (IOException)
            {
                file.SetLength(end); // a part of it may have found room
                file.Position = end;
                throw;
            }
            waiting.Dequeue();
            waitingBytes -= record.Length;
        }
    }

    public void Dispose() => file.Dispose();
}
