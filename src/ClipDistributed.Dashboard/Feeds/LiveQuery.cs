using System.Threading.Channels;
using ClipDistributed.Dashboard.Calls;
using Grpc.Core;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>
/// Reads something again whenever it may have changed: at most once a second, so that what changes with each step costs no more than that,
/// and after a while in any case. Where the coordinator does not answer, what was read stays, and it is asked until it does.
/// </summary>
/// <param name="read">A snapshot.</param>
/// <param name="changed">Is called on any thread after each read.</param>
internal sealed class LiveQuery<T>(Func<CancellationToken, Task<T>> read, Func<Task> changed, TimeProvider time, TimeSpan longest)
    where T : class
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> wakes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public LiveState<T> State { get; private set; } = LiveState<T>.Loading;

    /// <summary>It may have changed.</summary>
    public void Wake() => wakes.Writer.TryWrite(true);

    /// <summary>Reads once.</summary>
    public async Task ReadAsync(CancellationToken cancel)
    {
        try
        {
            State = new LiveState<T>(await read(cancel), time.GetUtcNow(), null);
        }
        catch (RpcException failed) when (!cancel.IsCancellationRequested)
        {
            State = State with { Problem = CallProblem.Of(failed) };
        }
    }

    /// <summary>Until the page is left, or there is nothing to read any more.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (State.Problem is not { IsFinal: true })
            {
                await Task.Delay(Shortest, time, cancel);
                await WokenAsync(State.Problem is null ? longest : TimeSpan.Zero, cancel);
                await ReadAsync(cancel);
                await changed();
            }
        }
        catch (Exception left) when (left is OperationCanceledException or RpcException && cancel.IsCancellationRequested)
        {
            // The page is gone.
        }
    }

    private async Task WokenAsync(TimeSpan most, CancellationToken cancel)
    {
        if (most == TimeSpan.Zero)
            return;
        using var timer = new CancellationTokenSource(most, time);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
        try
        {
            await wakes.Reader.ReadAsync(late.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Nothing was reported for a while.
        }
    }
}
