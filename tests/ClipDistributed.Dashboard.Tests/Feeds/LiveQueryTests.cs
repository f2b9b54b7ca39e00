using ClipDistributed.Dashboard.Feeds;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Dashboard.Tests.Feeds;

public sealed class LiveQueryTests
{
    [Fact(Timeout = 60_000)]
    public async Task RunAsync_NothingIsReported_ReadsAgainByItsClock()
    {
        var time = new FakeTimeProvider();
        using var stop = new CancellationTokenSource();
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var query = new LiveQuery<string>(
            _ => Task.FromResult("read"),
            () =>
            {
                read.TrySetResult();
                return Task.CompletedTask;
            },
            time,
            longest: TimeSpan.FromHours(1));
        var running = query.RunAsync(stop.Token);
        while (!read.Task.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
        await stop.CancelAsync();
        await running;
        Assert.Equal("read", query.State.Value);
    }
}
