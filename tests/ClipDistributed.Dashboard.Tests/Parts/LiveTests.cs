using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Parts;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Dashboard.Tests.Parts;

/// <summary>Why there is nothing, or nothing new, can be seen.</summary>
public sealed class LiveTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task Render_EachState_LooksLikeNoOther()
    {
        var at = time.GetUtcNow() - TimeSpan.FromSeconds(12);
        string[] shown =
        [
            await RenderAsync(LiveState<string>.Loading),
            await RenderAsync(new LiveState<string>("content", at, null)),
            await RenderAsync(new LiveState<string>("content", at, Problem(StatusCode.Unavailable))),
            await RenderAsync(new LiveState<string>(null, null, Problem(StatusCode.Unavailable))),
            await RenderAsync(new LiveState<string>("content", at, Problem(StatusCode.PermissionDenied))),
            await RenderAsync(new LiveState<string>("content", at, Problem(StatusCode.Unauthenticated))),
            await RenderAsync(new LiveState<string>(null, null, Problem(StatusCode.NotFound))),
        ];

        Assert.Equal(shown.Length, shown.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal([1, 2], shown.Index().Where(one => one.Item.Contains("content", StringComparison.Ordinal)).Select(one => one.Index));
        Assert.Contains("12 s", shown[2], StringComparison.Ordinal); // how old it is
    }

    private static CallProblem Problem(StatusCode code) => CallProblem.Of(new RpcException(new Status(code, "as it was said")));

    private async Task<string> RenderAsync(LiveState<string> state)
    {
        await using var services = new ServiceCollection().AddSingleton<TimeProvider>(time).BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            RenderFragment<string> content = value => builder => builder.AddContent(0, value);
            var parameters = ParameterView.FromDictionary(
                new Dictionary<string, object?> { [nameof(Live<string>.State)] = state, [nameof(Live<string>.ChildContent)] = content });
            return (await renderer.RenderComponentAsync<Live<string>>(parameters)).ToHtmlString();
        });
    }
}
