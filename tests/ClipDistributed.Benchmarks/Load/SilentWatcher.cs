using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.TestKit.Coordinators;
using Grpc.Core;
using Grpc.Net.Client;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>Opens a call that watches a run, and reads nothing from it until <see cref="ReturnAsync"/>.</summary>
internal sealed class SilentWatcher : IDisposable
{
    private readonly string runId;
    private readonly GrpcChannel channel;
    private readonly ControlService.ControlServiceClient client;
    private readonly AsyncServerStreamingCall<WatchRunResponse> call;

    public SilentWatcher(string address, string token, string runId)
    {
        (this.runId, channel) = (runId, TokenHandler.Open(address, token));
        client = new ControlService.ControlServiceClient(channel);
        call = client.WatchRun(new WatchRunRequest { RunId = runId });
    }

    /// <summary>Reads what still came, and watches again from there.</summary>
    /// <param name="patience">How long the first message after that may take.</param>
    /// <returns>Null: its call had been cut off, and it was given the run's state first and then the records after its last one; else what
    /// went wrong.</returns>
    public async Task<string?> ReturnAsync(TimeSpan patience)
    {
        long last = 0;
        using var late = new CancellationTokenSource(patience);
        try
        {
            await foreach (var message in call.ResponseStream.ReadAllAsync(late.Token))
                last = message.Record?.Sequence ?? last;
            return "its call had ended without an error";
        }
        catch (Exception) when (late.IsCancellationRequested)
        {
            return "its call had not been cut off";
        }
        catch (RpcException ended) when (ended.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled)
        {
            // It was cut off: by its status, or, where its buffers took none, by the reset of its stream.
        }
        catch (RpcException ended)
        {
            return $"its call ended with {ended.Status}";
        }
        using var again = client.WatchRun(
            new WatchRunRequest { RunId = runId, AfterSequence = last }, deadline: DateTime.UtcNow + patience);
        if (!await again.ResponseStream.MoveNext(CancellationToken.None) || again.ResponseStream.Current.Run is null)
            return "the state of the run was not the first message of its next call";
        while (await again.ResponseStream.MoveNext(CancellationToken.None))
        {
            if (again.ResponseStream.Current.Record is { } record)
                return record.Sequence == last + 1 ? null : $"record {record.Sequence} came after {last}";
        }
        return "its next call had no records";
    }

    public void Dispose()
    {
        call.Dispose();
        channel.Dispose();
    }
}
