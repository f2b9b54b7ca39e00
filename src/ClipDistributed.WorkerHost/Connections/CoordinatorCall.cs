using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using Grpc.Core;

namespace ClipDistributed.WorkerHost.Connections;

/// <summary>One connection to the coordinator, from the offer to its break.</summary>
/// <param name="address">Of the coordinator.</param>
/// <param name="heartbeat">The next one.</param>
/// <param name="onMessage">Receives the coordinator's messages, in order; false: another coordinator has taken over from it.</param>
internal sealed class CoordinatorCall(
    HostService.HostServiceClient client,
    string address,
    ReportQueue reports,
    Func<Heartbeat> heartbeat,
    Func<ConnectResponse, bool> onMessage,
    TimeProvider time
)
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);

    // How long a coordinator may take to end a call that this side has ended.
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Whether the coordinator has accepted the offer.</summary>
    public bool Welcomed { get; private set; }

    /// <summary>Offers, then sends and receives until the connection breaks or the reports are completed.</summary>
    /// <returns>Why it broke; null: the reports was completed, sent to its end, and the call ended in good order.</returns>
    /// <exception cref="BadInputException">The coordinator speaks another version, has another host of this name, or cannot use the
    /// offer.</exception>
    /// <exception cref="ConnectionRefusedException">By TLS, or by the coordinator, which does not know this host's credentials.</exception>
    public async Task<string?> RunAsync(Offer offer)
    {
        using var broken = new CancellationTokenSource();
        using var call = client.Connect();
        var sending = SendAsync(call.RequestStream, offer, broken.Token);
        try
        {
            var receiving = ReceiveAsync(call.ResponseStream);
            if (await Task.WhenAny(receiving, sending) == sending && await sending)
            {
                await Task.WhenAny(receiving, Task.Delay(CloseTimeout, time, broken.Token));
                return null;
            }
            return await receiving; // its status says why the call has ended
        }
        catch (RpcException failed) when (failed.StatusCode is StatusCode.FailedPrecondition or StatusCode.InvalidArgument)
        {
            throw new BadInputException($"The coordinator does not take this host: {failed.Status.Detail}");
        }
        catch (RpcException failed)
        {
            if (failed.StatusCode is StatusCode.AlreadyExists or StatusCode.Unauthenticated or StatusCode.PermissionDenied)
                throw new HostRefusedException(failed.Status.Detail, isNameTaken: failed.StatusCode == StatusCode.AlreadyExists);
            if (CallErrors.IsTlsFault(failed))
                throw new ConnectionRefusedException(CallErrors.Reason(failed));
            if (!Welcomed && await CallErrors.NeedsHttpsAsync(address, failed, CancellationToken.None))
                throw new ConnectionRefusedException(CallErrors.NeedsHttps(address));
            return CallErrors.Reason(failed);
        }
        finally
        {
            await broken.CancelAsync();
            await sending;
        }
    }

    private async Task<string> ReceiveAsync(IAsyncStreamReader<ConnectResponse> down)
    {
        await foreach (var message in down.ReadAllAsync())
        {
            if (!onMessage(message))
                return "another coordinator has taken over from it";
            Welcomed |= message.MessageCase == ConnectResponse.MessageOneofCase.Welcome;
        }
        return "the coordinator closed the connection";
    }

    /// <summary>A stream takes one message at a time: this loop is its only writer.</summary>
    /// <returns>True: the reports was completed and sent; false: the call broke.</returns>
    private async Task<bool> SendAsync(IClientStreamWriter<ConnectRequest> up, Offer offer, CancellationToken broken)
    {
        try
        {
            await up.WriteAsync(new ConnectRequest { Offer = offer }, broken);
            using var timer = new PeriodicTimer(HeartbeatInterval, time);
            var tick = timer.WaitForNextTickAsync(broken).AsTask();
            var more = reports.WaitAsync(broken).AsTask();
            while (true)
            {
                if (await Task.WhenAny(more, tick) == tick)
                {
                    await tick;
                    await up.WriteAsync(new ConnectRequest { Heartbeat = heartbeat() }, broken);
                    tick = timer.WaitForNextTickAsync(broken).AsTask();
                }
                else if (await more)
                {
                    await reports.SendAsync(message => up.WriteAsync(message, broken));
                    more = reports.WaitAsync(broken).AsTask();
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
            return false; // the call is over; the receiving side has its status
        }
    }
}

/// <summary>
/// The coordinator has a connected host of this name (another one, or this one before it lost its connection), or does not take the token
/// (which may be replaced meanwhile).
/// </summary>
internal sealed class HostRefusedException(string detail, bool isNameTaken) : Exception(detail)
{
    public bool IsNameTaken => isNameTaken;
}

/// <summary>The coordinator was reached, and one side does not trust the other.</summary>
internal sealed class ConnectionRefusedException(string detail) : Exception(detail);
