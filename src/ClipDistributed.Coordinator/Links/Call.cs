using ClipDistributed.Coordinator.Connections;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Links;

/// <summary>The other side of an open call: what it says, how it is told, and who it is.</summary>
/// <param name="Peer">Its network address, for people.</param>
/// <param name="Cancelled">The call is over.</param>
/// <param name="Keep">Its connection is not to be given up for others, for the other side has shown who it is; null: it has none.</param>
internal sealed record Call<TSaid, TTold>(
    IAsyncStreamReader<TSaid> Said,
    Func<TTold, CancellationToken, Task> Tell,
    string Peer,
    CancellationToken Cancelled,
    Action? Keep = null
)
{
    public static Call<TSaid, TTold> Of(IAsyncStreamReader<TSaid> said, IServerStreamWriter<TTold> told, ServerCallContext context) =>
        new(said, told.WriteAsync, context.Peer[(context.Peer.IndexOf(':', StringComparison.Ordinal) + 1)..], context.CancellationToken,
            context.GetHttpContext().Features.Get<OpenCall>() is { } open ? open.Keep : null);

    /// <exception cref="RequestRefusedException">The call ended before its first message.</exception>
    public async Task<TSaid> FirstAsync(CancellationToken over) =>
        await MoveNextAsync(over)
            ? Said.Current
            : throw new RequestRefusedException(StatusCode.Cancelled, "The call ended before its first message.");

    /// <summary>Reads and writes until the call ends, in whichever way: a peer that dies is no error of this side.</summary>
    /// <param name="take">Gets every message, one at a time; what it throws ends the call.</param>
    /// <param name="over">Cancelled where this side gives the call up.</param>
    public async Task RunAsync(Outbox<TTold> outbox, Action<TSaid> take, CancellationToken over)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Cancelled, over);
        var writing = WriteAsync(outbox, ends);
        try
        {
            while (await MoveNextAsync(ends.Token))
                take(Said.Current);
        }
        finally
        {
            outbox.Complete();
            await ends.CancelAsync();
            await writing;
        }
    }

    /// <returns>False: the other side is done, or its process or network is gone.</returns>
    private async Task<bool> MoveNextAsync(CancellationToken over)
    {
        try
        {
            return await Said.MoveNext(over);
        }
        catch (Exception garbled) when (garbled is InvalidProtocolBufferException or InvalidDataException)
        {
            throw new RequestRefusedException(
                StatusCode.InvalidArgument,
                "A message of the call cannot be read; use a client of this version."
            );
        }
        catch (Exception broken)
            when (broken is OperationCanceledException or IOException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            return false;
        }
    }

    private async Task WriteAsync(Outbox<TTold> outbox, CancellationTokenSource ends)
    {
        try
        {
            await outbox.WriteAsync(Tell, ends.Token);
        }
        // A write to a call that is over is an invalid operation to ASP.NET.
        catch (Exception broken) when (broken is OperationCanceledException or IOException or InvalidOperationException)
        {
            await ends.CancelAsync();
        }
    }
}
