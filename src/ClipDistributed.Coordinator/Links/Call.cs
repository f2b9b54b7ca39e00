using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Connections;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Links;

/// <summary>An open bidirectional call of a host or a replica.</summary>
/// <param name="Caller">Who has made it, by its token.</param>
/// <param name="Peer">The peer's network address, human-readable.</param>
/// <param name="Cancelled">The call is over.</param>
/// <param name="Keep">Marks its connection as one of an authenticated peer, which is not closed for others; null: there is no
/// connection.</param>
internal sealed record Call<TRequest, TResponse>(
    IAsyncStreamReader<TRequest> Requests,
    Func<TResponse, CancellationToken, Task> WriteResponseAsync,
    Principal Caller,
    string Peer,
    CancellationToken Cancelled,
    Action? Keep = null
)
{
    public static Call<TRequest, TResponse> Of(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context) =>
        new(requests, responses.WriteAsync, Admission.CallerOf(context),
            context.Peer[(context.Peer.IndexOf(':', StringComparison.Ordinal) + 1)..], context.CancellationToken,
            context.GetHttpContext().Features.Get<OpenCall>() is { } open ? open.Keep : null);

    /// <exception cref="RequestRefusedException">The call ended before its first message.</exception>
    public async Task<TRequest> FirstAsync(CancellationToken over) =>
        await MoveNextAsync(over)
            ? Requests.Current
            : throw new RequestRefusedException(StatusCode.Cancelled, "The call ended before its first message.");

    /// <summary>Reads and writes until the call ends, in any way: a peer that dies is not an error here.</summary>
    /// <param name="onRequest">Receives the requests, one at a time; an exception ends the call.</param>
    /// <param name="over">Cancelled when this side ends the call.</param>
    public async Task RunAsync(SendQueue<TResponse> queue, Action<TRequest> onRequest, CancellationToken over)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Cancelled, over);
        var writing = WriteAsync(queue, ends);
        try
        {
            while (await MoveNextAsync(ends.Token))
                onRequest(Requests.Current);
        }
        finally
        {
            queue.Complete();
            await ends.CancelAsync();
            await writing;
        }
    }

    /// <returns>False: the peer has completed its stream, or its process or network is lost.</returns>
    private async Task<bool> MoveNextAsync(CancellationToken over)
    {
        try
        {
            return await Requests.MoveNext(over);
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

    private async Task WriteAsync(SendQueue<TResponse> queue, CancellationTokenSource ends)
    {
        try
        {
            await queue.WriteAsync(WriteResponseAsync, ends.Token);
        }
        // A write to a call that is over is an invalid operation to ASP.NET.
        catch (Exception broken) when (broken is OperationCanceledException or IOException or InvalidOperationException)
        {
            await ends.CancelAsync();
        }
    }
}
