using System.Security.Cryptography;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.WorkerHost.Answers;
using ClipDistributed.WorkerHost.Connections;
using ClipDistributed.WorkerHost.Devices;
using ClipDistributed.WorkerHost.Options;
using ClipDistributed.WorkerHost.Places;
using ClipDistributed.WorkerHost.Replicas;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.WorkerHost;

/// <summary>
/// A worker host: offers this machine's devices to a coordinator and runs the replicas that it launches. A lost
/// connection is retried for as long as it takes; replicas train on meanwhile.
/// </summary>
public sealed partial class Worker
{
    private const int SecretBytes = 32;
    private const int MaxPauseSeconds = 4;
    private const int MaxPauseOfSeveral = 1; // a standby may take over any moment
    private const int MaxPauseOfRefused = 60; // until a user has replaced its token or certificate

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(10);

    private readonly WorkerOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<Worker> logger;
    private readonly HostDevices devices;
    private readonly GpuWatch gpus;
    private readonly CoordinatorAddresses coordinators;
    private readonly ClientToken token;
    private readonly ReportQueue reports = new();
    private readonly ReplicaProcesses replicas;
    private readonly ModelAnswers answers;
    private readonly SlotUse slots;
    private readonly ByteString secret = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(SecretBytes)); // never stored or logged
    private long term; // the highest received
    private Drain? drain; // null: it is not drained

    /// <exception cref="BadInputException">The options cannot be used on this machine.</exception>
    public Worker(WorkerOptions options, TimeProvider time, ILogger<Worker> logger)
    {
        options.Check();
        (this.options, this.time, this.logger) = (options, time, logger);
        devices = HostDevices.Find(options);
        coordinators = new CoordinatorAddresses(options.Coordinator, "coordinator");
        token = new ClientToken(options.TokenFile);
        string address = options.Address ?? LocalAddress.Towards(new Uri(coordinators.Current));
        var places = new ReplicaPlaces(address, devices, new NumaNodes(), Affinity.Own());
        replicas = new ReplicaProcesses(options, places, reports, time, logger);
        answers = new ModelAnswers(options, places, reports, time, logger);
        slots = new SlotUse(devices, time);
        gpus = new GpuWatch(devices, new NvidiaSmi(options.NvidiaSmi), options.DeviceInterval, time);
        LogOffer(options.Name, string.Join(", ", devices.Offered.Select(device => device.Name)));
        LogPlaintext(address, LocalAddress.InterfaceOf(address) ?? "an interface that is not known");
        if (devices.Notice is { } notice)
            LogNotOffered(notice);
        if (SharedMemory.Notice(SharedMemory.Size(), devices.Offered.Count(device => device.Kind == DeviceKind.Cuda)) is { } small)
            LogSharedMemory(small);
    }

    /// <summary>Serves until <paramref name="stop"/>, then kills the replicas and reports that.</summary>
    /// <param name="drained">Before that: the coordinator is requested to drain this host; this ends when the replicas have left, or after
    /// the
    /// grace period.</param>
    /// <exception cref="BadInputException">The coordinator speaks another version, or has another host of this name.</exception>
    public async Task RunAsync(CancellationToken stop, CancellationToken drained = default)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var draining = DrainAsync(drained, ends);
        var leaving = LeaveAsync(ends.Token);
        var watching = gpus.RunAsync(ends.Token);
        try
        {
            await ServeAsync(ends.Token);
        }
        finally
        {
            await replicas.KillAllAsync("this host ends");
            await answers.EndAsync("its host ends");
            await ends.CancelAsync();
        }
        await draining;
        await leaving;
        await watching;
    }

    private async Task ServeAsync(CancellationToken stop)
    {
        int pause = 0;
        bool wasWelcomed = false;
        string? refusal = null; // by one of the coordinators, since the last pause
        while (true)
        {
            // A channel of its own for each try: a channel that failed once makes its next calls wait.
            using var channel = CoordinatorChannel.Open(coordinators.Current, PingInterval, options.Tls);
            var client = new HostService.HostServiceClient(Calls(channel.CreateCallInvoker(), wasWelcomed));
            var call = new CoordinatorCall(client, coordinators.Current, reports, Heartbeat, OnMessage, time);
            string? broken;
            try
            {
                broken = await call.RunAsync(Offer());
            }
            catch (HostRefusedException refused) when (wasWelcomed || call.Welcomed)
            {
                // This host's own former connection, the break of which it has not noticed yet; or a token that is being replaced.
                broken = refused.IsNameTaken ? $"it still has a host named {options.Name}" : refused.Message;
                refusal = refused.IsNameTaken ? refusal : $"{coordinators.Current}: {refused.Message}";
            }
            catch (HostRefusedException refused)
            {
                throw new BadInputException($"The coordinator {coordinators.Current} does not take this host: {refused.Message}");
            }
            catch (ConnectionRefusedException refused) when (wasWelcomed)
            {
                broken = refused.Message; // by certificates that are being replaced: a run is not ended for that
            }
            catch (ConnectionRefusedException refused)
            {
                throw new BadInputException($"The coordinator {coordinators.Current} cannot be used: {refused.Message}.");
            }
            if (broken is null || stop.IsCancellationRequested)
                return;
            wasWelcomed |= call.Welcomed;
            if (call.Welcomed)
            {
                pause = 0;
                coordinators.Served();
            }
            string tried = coordinators.Current;
            if (!coordinators.Turn())
                continue;
            pause = pause == 0 ? 1 : Math.Min(2 * pause, MaxPause(refusal is not null));
            if (refusal is null)
                LogUnreachable(tried, broken, pause);
            else
                LogRefused(refusal, options.TokenFile ?? "the state folder of this machine's coordinator", pause);
            refusal = null;
            await Task.Delay(TimeSpan.FromSeconds(pause), time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
        }
    }

    private int MaxPause(bool isRefused) =>
        isRefused ? MaxPauseOfRefused : coordinators.All.Count > 1 ? MaxPauseOfSeveral : MaxPauseSeconds;

    /// <summary>With the token as its file holds it now.</summary>
    /// <exception cref="BadInputException">It cannot be read, and was never before.</exception>
    private CallInvoker Calls(CallInvoker calls, bool wasWelcomed)
    {
        try
        {
            return token.Calls(calls, coordinators.Current);
        }
        catch (BadInputException unreadable) when (wasWelcomed)
        {
            LogNoToken(unreadable.Message);
            return calls;
        }
    }

    /// <returns>False: another coordinator has taken over from the sender.</returns>
    private bool OnMessage(ConnectResponse message)
    {
        if (message.Term < term)
            return false;
        term = message.Term;
        switch (message.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.Welcome:
                LogConnected(coordinators.Current);
                foreach (string id in message.Welcome.ReplicaIdsToKill)
                    replicas.Kill(id, "the coordinator has released it");
                break;
            case ConnectResponse.MessageOneofCase.LaunchReplica:
                answers.Release("its host has begun to train; ask again"); // what trains gets all of the machine
                replicas.Launch(message.LaunchReplica);
                break;
            case ConnectResponse.MessageOneofCase.AskModel:
                answers.Ask(message.AskModel);
                break;
            case ConnectResponse.MessageOneofCase.SetDrained:
                drain = message.SetDrained.Drained ? drain ?? new Drain() : null;
                break;
            case ConnectResponse.MessageOneofCase.KillReplica:
                replicas.Kill(message.KillReplica.ReplicaId, "the coordinator ordered it");
                break;
        }
        return true;
    }

    /// <summary>The exits of the replicas are the last reports to the coordinator.</summary>
    private async Task LeaveAsync(CancellationToken stop)
    {
        await CancelledAsync(stop);
        await replicas.KillAllAsync("this host ends");
        reports.Complete();
    }

    /// <summary>Once it is asked to: the replicas leave their groups at a step boundary, so that no step is recomputed.</summary>
    private async Task DrainAsync(CancellationToken drained, CancellationTokenSource ends)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(drained, ends.Token);
        await CancelledAsync(either.Token);
        if (ends.IsCancellationRequested)
            return;
        LogDrain(options.DrainGrace.TotalSeconds);
        drain = new Drain { GraceSeconds = (uint)Math.Ceiling(options.DrainGrace.TotalSeconds) };
        reports.Add(drain);
        await Task.WhenAny(replicas.EndedAsync(), Task.Delay(options.DrainGrace, time, ends.Token));
        await ends.CancelAsync();
    }

    private static Task CancelledAsync(CancellationToken cancel) =>
        Task.Delay(Timeout.InfiniteTimeSpan, cancel)
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private Heartbeat Heartbeat()
    {
        var heartbeat = gpus.Heartbeat();
        heartbeat.Devices.AddRange(slots.Next(replicas.OnSlots));
        return heartbeat;
    }

    private Offer Offer() => new()
    {
        ProtocolVersion = Protocol.Version,
        Version = ProgramVersion.Full,
        Host = options.Name,
        Devices = { devices.Offered },
        ReplicaIds = { replicas.Ids },
        MemoryBytes = MachineMemory.Bytes(),
        Term = term,
        Drain = drain,
        Secret = secret,
    };
}
