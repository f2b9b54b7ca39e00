using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Parts;
using ClipDistributed.Dashboard.Shown;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.Dashboard.Tests.Parts;

public sealed class StateMarkTests
{
    [Fact]
    public async Task Render_AllStates_AreToldApartByTheirShapes()
    {
        var marks = new List<(RunState State, string Shape)>();
        foreach (var state in Enum.GetValues<RunState>().Where(one => one != RunState.Unspecified))
            marks.Add((state, await ShapeAsync(state)));
        var alike = marks.GroupBy(mark => mark.Shape).Where(same => same.Count() > 1).Select(same => same.Select(mark => mark.State));
        Assert.Equal([RunState.Pausing, RunState.Paused], Assert.Single(alike));
    }

    [Fact]
    public void Tone_RunThatMadeWay_IsNotThatOfACancelledOne() =>
        Assert.NotEqual(RunShown.Tone(RunState.Cancelled), RunShown.Tone(RunState.Preempted));

    private static async Task<string> ShapeAsync(RunState state)
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        string html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(StateMark.State)] = state });
            return (await renderer.RenderComponentAsync<StateMark>(parameters)).ToHtmlString();
        });
        int begin = html.IndexOf("<svg", StringComparison.Ordinal);
        return html[begin..html.IndexOf("</svg>", StringComparison.Ordinal)];
    }
}
