using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Tls;
using Grpc.Core;
using Grpc.Net.Client;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>The coordinator as commands see it: what it refuses is bad input, and a short absence is waited out.</summary>
internal sealed class CoordinatorClient : IDisposable
{
    public const string DefaultAddress = "http://127.0.0.1:7071";

    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);

    /// <summary>Pauses before absent coordinators are tried again: about five seconds together, and ten more where one that stands by may
    /// take over.</summary>
    private static readonly double[] Pauses = [0.5, 1, 1.5, 2], MorePauses = [2, 2, 2, 2, 2];

    private readonly CoordinatorAddresses addresses;
    private readonly ClientToken token;
    private readonly TlsFiles tls;
    private readonly TimeProvider time;
    private readonly TimeSpan[] pauses;
    private readonly AnswerWait wait;
    private string? watched; // the run whose watch waits for its coordinator
    private readonly Dictionary<string, (GrpcChannel Channel, CallInvoker Calls)> channels = new(StringComparer.Ordinal);

    /// <exception cref="BadInputException">It is not an address, or its files cannot be used.</exception>
    public CoordinatorClient(CoordinatorTarget target, TimeProvider time)
    {
        (addresses, tls, this.time) = (new CoordinatorAddresses(target.Addresses, "--coordinator"), target.Tls, time);
        wait = AnswerWait.OfCommand(addresses, time);
        token = new ClientToken(target.TokenFile);
        if (addresses.HasTls)
            tls.Check();
        pauses = [.. Pauses.Concat(addresses.All.Count > 1 ? MorePauses : []).Select(TimeSpan.FromSeconds)];
    }

    /// <summary>Where a question may take long: its answer is awaited for as long as it takes.</summary>
    public void AwaitLong() => wait.Limit = null;

    /// <summary>One question.</summary>
    /// <param name="repeatable">Whether asking again does no harm where it is not known if the question arrived.</param>
    /// <exception cref="BadInputException">The coordinator refuses it.</exception>
    /// <exception cref="CoordinatorException">It cannot be reached, or failed.</exception>
    public Task<T> AskAsync<T>(
        Func<ControlService.ControlServiceClient, AsyncUnaryCall<T>> ask,
        CancellationToken cancel = default,
        bool repeatable = true
    ) => CallAsync(calls => ask(new ControlService.ControlServiceClient(calls)), cancel, repeatable);

    /// <summary>One question about what became of runs, which is repeated like others.</summary>
    /// <exception cref="BadInputException">The coordinator refuses it.</exception>
    /// <exception cref="CoordinatorException">It cannot be reached, or failed.</exception>
    public Task<T> AskHistoryAsync<T>(Func<HistoryService.HistoryServiceClient, AsyncUnaryCall<T>> ask, CancellationToken cancel) =>
        CallAsync(calls => ask(new HistoryService.HistoryServiceClient(calls)), cancel, repeatable: true);

    /// <summary>The same of any service.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public async Task<T> CallAsync<T>(Func<CallInvoker, AsyncUnaryCall<T>> ask, CancellationToken cancel = default, bool repeatable = true)
    {
        long asked = time.GetTimestamp();
        for (int tries = 0; ;)
        {
            try
            {
                using var call = ask(Calls());
                var answer = await wait.ForAsync(call.ResponseAsync, asked, cancel);
                addresses.Served();
                return answer;
            }
            catch (RpcException failed) when (failed.StatusCode == StatusCode.Unavailable && (repeatable || NeverArrived(failed)))
            {
                tries += await TurnAsync(tries, failed, cancel);
            }
            catch (RpcException failed)
                when (failed is { StatusCode: StatusCode.Internal, Status.DebugException: HttpRequestException }
                    && !CallErrors.IsTlsFault(failed))
            {
                await CheckSchemeAsync(failed, cancel);
                throw new BadInputException(
                    $"{addresses.Current} does not speak gRPC; give the address that clipd coordinator prints first, whose port is 7071 "
                        + "by default. On 7070 it serves JSON.");
            }
            catch (RpcException failed)
            {
                throw Translate(failed);
            }
        }
    }

    /// <summary>A run goes on without its coordinator: from now on an absent one is tried again for as long as it takes.</summary>
    public void KeepTrying(string runId)
    {
        watched = runId;
        AwaitLong();
    }

    /// <summary>A run's records and states from its beginning on; a broken stream goes on behind its last record.</summary>
    public async IAsyncEnumerable<WatchRunResponse> WatchAsync(string runId, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        long sequence = 0;
        var messages = StreamAsync(
            calls => new ControlService.ControlServiceClient(calls).WatchRun(
                new WatchRunRequest { RunId = runId, AfterSequence = sequence }, cancellationToken: cancel),
            cancel);
        await foreach (var message in messages)
        {
            sequence = message.Record?.Sequence ?? sequence;
            yield return message;
        }
    }

    /// <summary>A stream of what became of runs.</summary>
    /// <param name="open">Opens it, also where it broke: then after the last message that the caller has received.</param>
    /// <exception cref="BadInputException">The coordinator refuses it.</exception>
    /// <exception cref="CoordinatorException">It cannot be reached, or failed.</exception>
    public IAsyncEnumerable<T> ReadHistoryAsync<T>(
        Func<HistoryService.HistoryServiceClient, AsyncServerStreamingCall<T>> open, CancellationToken cancel)
        where T : class =>
        StreamAsync(calls => open(new HistoryService.HistoryServiceClient(calls)), cancel);

    /// <summary>The same of any service.</summary>
    /// <inheritdoc cref="ReadHistoryAsync"/>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        Func<CallInvoker, AsyncServerStreamingCall<T>> open, [EnumeratorCancellation] CancellationToken cancel)
        where T : class
    {
        for (int tries = 0; ;)
        {
            using var call = open(Calls());
            RpcException? broken = null;
            while (broken is null)
            {
                (var message, broken) = await NextAsync(call, cancel);
                if (message is not null)
                {
                    tries = 0;
                    addresses.Served();
                    yield return message;
                }
                else if (broken is null)
                {
                    yield break;
                }
            }
            tries += await TurnAsync(tries, broken, cancel);
        }
    }

    public void Dispose()
    {
        foreach (var (channel, _) in channels.Values)
            channel.Dispose();
    }

    private string Patience => watched is null
        ? $"trying again for {pauses.Sum(pause => pause.TotalSeconds):0} s"
        : $"a run goes on without it; trying again until it answers; Ctrl-C ends that, and clipd run watch {watched} looks again";

    private CallInvoker Calls()
    {
        string address = addresses.Current;
        if (!channels.TryGetValue(address, out var open))
        {
            var channel = CoordinatorChannel.Open(address, PingEvery, tls);
            channels[address] = open = (channel, token.Calls(channel.CreateCallInvoker(), address));
        }
        return open.Calls;
    }

    /// <returns>Neither: the stream has ended.</returns>
    private async Task<(T? Message, RpcException? Broken)> NextAsync<T>(AsyncServerStreamingCall<T> call, CancellationToken cancel)
        where T : class
    {
        try
        {
            return (await call.ResponseStream.MoveNext(cancel) ? call.ResponseStream.Current : null, null);
        }
        catch (RpcException failed)
        {
            cancel.ThrowIfCancellationRequested();
            // A coordinator that ends cancels its calls.
            return failed.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled ? (null, failed) : throw Translate(failed);
        }
    }

    /// <summary>On to the next address; where all were tried, after a pause.</summary>
    /// <returns>How many pauses that were: 0 or 1.</returns>
    private async Task<int> TurnAsync(int tries, RpcException failed, CancellationToken cancel)
    {
        if (CallErrors.IsTlsFault(failed))
            throw Translate(failed);
        if (tries == 0)
            await CheckSchemeAsync(failed, cancel);
        string absent = $"coordinator {addresses.Current} cannot be reached ({CallErrors.Reason(failed)})";
        if (!addresses.Turn())
            return 0;
        if (tries == pauses.Length && watched is null)
            throw new CoordinatorException($"{absent}; start one with clipd coordinator, or set --coordinator", ExitCodes.Unavailable);
        if (tries == 0)
            await Console.Error.WriteLineAsync($"{absent}; {Patience}");
        await Task.Delay(pauses[Math.Min(tries, pauses.Length - 1)], time, cancel);
        return 1;
    }

    /// <exception cref="BadInputException">The address is one of https.</exception>
    private async Task CheckSchemeAsync(RpcException failed, CancellationToken cancel)
    {
        if (await CallErrors.NeedsHttpsAsync(addresses.Current, failed, cancel))
            throw new BadInputException($"{CallErrors.NeedsHttps(addresses.Current)}.");
    }

    private static bool NeverArrived(RpcException failed) =>
        failed.Trailers.Get(CoordinatorAddresses.NotServed) is not null
        || failed.Status.DebugException
            is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
                or SocketException;

    private Exception Translate(RpcException failed) =>
        failed.StatusCode switch
        {
            _ when CallErrors.IsTlsFault(failed) => new BadInputException($"{addresses.Current}: {CallErrors.Reason(failed)}."),
            StatusCode.InvalidArgument => new BadInputException(failed.Status.Detail.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StatusCode.NotFound
            or StatusCode.FailedPrecondition
            or StatusCode.AlreadyExists
            or StatusCode.Unauthenticated
            or StatusCode.PermissionDenied => new BadInputException(failed.Status.Detail),
            StatusCode.Unavailable => new CoordinatorException(
                $"the connection to the coordinator broke before it answered ({CallErrors.Reason(failed)}); "
                    + "clipd run list shows whether it did it",
                ExitCodes.Unavailable
            ),
            _ => new CoordinatorException(
                $"the coordinator could not do it: {CallErrors.Reason(failed)}; its log says more",
                ExitCodes.Failed
            ),
        };
}
