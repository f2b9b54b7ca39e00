using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Links;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Cli.Tests.Coordinators;

public sealed class AnswerWaitTests
{
    private readonly FakeTimeProvider time = new();
    private readonly StringWriter errors = new();

    [Fact]
    public async Task For_NoAnswerForAMoment_SaysWhoIsWaitedForOnce()
    {
        var wait = Wait();
        var answer = new TaskCompletionSource<int>();
        var waiting = wait.ForAsync(answer.Task, time.GetTimestamp(), CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal("", $"{errors}");
        time.Advance(TimeSpan.FromSeconds(0.1));
        answer.SetResult(7);
        Assert.Equal(7, await waiting);
        Assert.Equal($"waiting for the answer of coordinator http://a:7071; Ctrl-C ends that{Environment.NewLine}", $"{errors}");

        var later = wait.ForAsync(new TaskCompletionSource<int>().Task, time.GetTimestamp(), CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(3, (await Assert.ThrowsAsync<CoordinatorException>(() => later)).ExitCode);
        Assert.Single($"{errors}".Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>A submission, or a run that is watched, may take longer.</summary>
    [Fact]
    public async Task For_NoLimit_WaitsOn()
    {
        var wait = Wait();
        wait.Limit = null;
        var answer = new TaskCompletionSource<int>();
        var waiting = wait.ForAsync(answer.Task, time.GetTimestamp(), CancellationToken.None);
        time.Advance(TimeSpan.FromHours(1));
        answer.SetResult(7);
        Assert.Equal(7, await waiting);
    }

    private AnswerWait Wait() => new(new CoordinatorAddresses("http://a:7071", "--coordinator"), time, TimeSpan.FromSeconds(2), errors);
}
