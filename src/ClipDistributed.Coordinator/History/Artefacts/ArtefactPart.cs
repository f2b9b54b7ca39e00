using System.Runtime.CompilerServices;

namespace ClipDistributed.Coordinator.History.Artefacts;

/// <summary>A part of a file that is open.</summary>
/// <param name="Total">Bytes of the file when it was opened.</param>
internal sealed record ArtefactPart(FileStream File, long Offset, long Length, long Total) : IDisposable
{
    private const int PieceBytes = 256 << 10;

    /// <summary>In pieces, each of which is valid until the next is asked for; fewer where the file was cut meanwhile.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        byte[] piece = new byte[(int)Math.Min(PieceBytes, Math.Max(1, Length))];
        File.Seek(Offset, SeekOrigin.Begin);
        for (long left = Length; left > 0;)
        {
            int read = await File.ReadAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, left)), cancel);
            if (read == 0)
                yield break;
            left -= read;
            yield return piece.AsMemory(0, read);
        }
    }

    public void Dispose() => File.Dispose();
}
