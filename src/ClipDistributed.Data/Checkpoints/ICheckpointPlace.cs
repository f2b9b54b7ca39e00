namespace ClipDistributed.Data.Checkpoints;

/// <summary>Where complete checkpoints of a run are kept: a folder of the run directory, or a place in S3.</summary>
public interface ICheckpointPlace
{
    /// <summary>As people call it.</summary>
    string Name { get; }

    /// <summary>All of them, those of the last attempt and in it of the highest step first.</summary>
    /// <exception cref="IOException">The place does not answer.</exception>
    IReadOnlyList<StoredCheckpoint> List(CancellationToken cancel = default);

    /// <summary>
    /// Reads a checkpoint to its end: null where every file has the size and the hash it was written with; else what is wrong.
    /// </summary>
    /// <exception cref="IOException">The place does not answer, which says nothing about the checkpoint.</exception>
    string? FindDamage(StoredCheckpoint checkpoint, CancellationToken cancel = default);

    /// <summary>One that is pinned is not removed when newer ones are saved.</summary>
    /// <param name="isPinned">False: it is no longer.</param>
    /// <exception cref="IOException">The place does not answer.</exception>
    void Pin(StoredCheckpoint checkpoint, bool isPinned, CancellationToken cancel = default);

    void Delete(StoredCheckpoint checkpoint, CancellationToken cancel = default);
}

/// <summary>A checkpoint as its name has it; whether it is whole <see cref="ICheckpointPlace.FindDamage"/> says.</summary>
/// <param name="Step">The applied step.</param>
/// <param name="Path">A folder, or an S3 URL.</param>
/// <param name="Saved">When it appeared.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="IsPinned">It is not removed when newer ones are saved.</param>
public sealed record StoredCheckpoint(int Attempt, long Step, string Path, DateTimeOffset Saved, long Bytes, bool IsPinned = false)
{
    /// <summary>An empty file in its folder that pins it: no part of the checkpoint, goes with it.</summary>
    internal const string PinName = ".pinned";
}
