using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Control.Backups;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Control;

/// <summary>Backups of the store, in messages.</summary>
internal sealed class BackupStream(RunStore store, CoordinatorOptions options, PacedStream streams, TimeProvider time)
{
    public Task SendAsync(IServerStreamWriter<BackUpStoreResponse> stream, CancellationToken cancelled) => streams.SendAsync(
        "the store",
        PiecesAsync,
        (piece, cancel) => stream.WriteAsync(new BackUpStoreResponse { Data = ByteString.CopyFrom(piece.Span) }, cancel),
        cancelled);

    /// <summary>The copy is made once there is a place for the stream.</summary>
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        using var backup = await StoreBackup.MakeAsync(store, options, time, cancel);
        await foreach (var piece in backup.PiecesAsync(cancel))
            yield return piece;
    }
}
