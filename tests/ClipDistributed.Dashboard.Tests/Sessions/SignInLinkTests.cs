using ClipDistributed.Dashboard.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Dashboard.Tests.Sessions;

public sealed class SignInLinkTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly SignInLink link;
    private readonly string code;
    private int opened;

    public SignInLinkTests()
    {
        link = new SignInLink(time, TimeSpan.FromMinutes(15));
        code = Code();
    }

    public void Dispose() => link.Dispose();

    [Theory]
    [InlineData(14, 1)]
    [InlineData(16, 0)]
    public async Task UseAsync_AfterMinutes_WorksWithinItsTime(int minutes, int times)
    {
        time.Advance(TimeSpan.FromMinutes(minutes));
        await link.UseAsync(code[..^1] + (code[^1] == '0' ? '1' : '0'), OpenAsync);
        Assert.Equal(0, opened);
        await link.UseAsync(code, OpenAsync);
        Assert.Equal(times, opened);
    }

    [Fact]
    public async Task UseAsync_NoSessionWasOpened_CanBeUsedAgain()
    {
        await link.UseAsync(code, () => Task.FromResult(false));
        await link.UseAsync(code, OpenAsync);
        await link.UseAsync(code, OpenAsync);
        Assert.Equal(1, opened);
    }

    [Fact]
    public async Task UseAsync_TwoAtOnce_OpensOneSession()
    {
        var answer = new TaskCompletionSource<bool>();
        var first = link.UseAsync(code, () => answer.Task);
        var second = link.UseAsync(code, OpenAsync);
        Assert.False(second.IsCompleted);
        answer.SetResult(true);
        await Task.WhenAll(first, second);
        Assert.Equal(0, opened);
    }

    [Fact]
    public async Task Renew_LinkBeforeIt_IsWorthNothing()
    {
        string next = Code();
        await link.UseAsync(code, OpenAsync);
        Assert.Equal(0, opened);
        await link.UseAsync(next, OpenAsync);
        Assert.Equal(1, opened);
    }

    private string Code() => new Uri(link.Renew("http://localhost")).Query["?code=".Length..];

    private Task<bool> OpenAsync()
    {
        opened++;
        return Task.FromResult(true);
    }
}
