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
    public async Task SendAsync(IServerStreamWriter<BackUpStoreResponse> stream, CancellationToken cancelled)
    {
        using var backup = await StoreBackup.MakeAsync(store, options, time, cancelled);
        await streams.SendAsync(
            "the store",
            backup.PiecesAsync,
            (piece, cancel) => stream.WriteAsync(new BackUpStoreResponse { Data = ByteString.CopyFrom(piece.Span) }, cancel),
            cancelled);
    }
}
