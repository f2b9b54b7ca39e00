using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using Grpc.Core;

namespace ClipDistributed.WorkerHost.Connections;

/// <summary>One connection to the coordinator, from the offer to its break.</summary>
/// <param name="hear">Is told what the coordinator says, in order; false: another coordinator has followed it.</param>
internal sealed class CoordinatorCall(
    HostService.HostServiceClient client,
    Outbox outbox,
    Func<ConnectResponse, bool> hear,
    TimeProvider time
)
{
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(1);

    // How long a coordinator may take to end a call that this side has ended.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    /// <summary>Whether the coordinator has accepted the offer.</summary>
    public bool Welcomed { get; private set; }

    /// <summary>Offers, then sends and hears until the connection breaks or the outbox is completed.</summary>
    /// <returns>Why it broke; null: the outbox was completed, sent to its end, and the call ended in good order.</returns>
    /// <exception cref="BadInputException">The coordinator speaks another version, has another host of this name, or cannot use the
    /// offer.</exception>
    public async Task<string?> RunAsync(Offer offer)
    {
        using var broken = new CancellationTokenSource();
        using var call = client.Connect();
        var sending = SendAsync(call.RequestStream, offer, broken.Token);
        try
        {
            var hearing = HearAsync(call.ResponseStream);
            if (await Task.WhenAny(hearing, sending) == sending && await sending)
            {
                await Task.WhenAny(hearing, Task.Delay(Farewell, time, broken.Token));
                return null;
            }
            return await hearing; // it alone knows why a call has ended
        }
        catch (RpcException failed) when (failed.StatusCode is StatusCode.FailedPrecondition or StatusCode.InvalidArgument)
        {
            throw new BadInputException($"The coordinator does not take this host: {failed.Status.Detail}");
        }
        catch (RpcException failed)
        {
            if (failed.StatusCode == StatusCode.AlreadyExists)
                throw new HostNameTakenException(failed.Status.Detail);
            return CallErrors.Reason(failed);
        }
        finally
        {
            await broken.CancelAsync();
            await sending;
        }
    }

    private async Task<string> HearAsync(IAsyncStreamReader<ConnectResponse> down)
    {
        await foreach (var message in down.ReadAllAsync())
        {
            if (!hear(message))
                return "another coordinator has taken over from it";
            Welcomed |= message.MessageCase == ConnectResponse.MessageOneofCase.Welcome;
        }
        return "it closed the connection";
    }

    /// <summary>A stream takes one message at a time: this loop is its only writer.</summary>
    /// <returns>True: the outbox was completed and sent; false: the call broke.</returns>
    private async Task<bool> SendAsync(IClientStreamWriter<ConnectRequest> up, Offer offer, CancellationToken broken)
    {
        try
        {
            await up.WriteAsync(new ConnectRequest { Offer = offer }, broken);
            using var timer = new PeriodicTimer(HeartbeatEvery, time);
            var tick = timer.WaitForNextTickAsync(broken).AsTask();
            var more = outbox.WaitAsync(broken).AsTask();
            while (true)
            {
                if (await Task.WhenAny(more, tick) == tick)
                {
                    await tick;
                    await up.WriteAsync(new ConnectRequest { Heartbeat = new Heartbeat() }, broken);
                    tick = timer.WaitForNextTickAsync(broken).AsTask();
                }
                else if (await more)
                {
                    await outbox.SendAsync(message => up.WriteAsync(message, broken));
                    more = outbox.WaitAsync(broken).AsTask();
                }
                else
                {
                    await up.CompleteAsync();
                    return true;
                }
            }
        }
        catch (Exception ended) when (ended is RpcException or OperationCanceledException or InvalidOperationException or IOException)
        {
            return false; // the call is over; who hears learns why
        }
    }
}

/// <summary>The coordinator has a connected host of this name: another one, or this one before it lost its connection.</summary>
internal sealed class HostNameTakenException(string detail) : Exception(detail);
