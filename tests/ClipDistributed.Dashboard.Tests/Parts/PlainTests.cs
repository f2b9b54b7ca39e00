using ClipDistributed.Dashboard.Parts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.Dashboard.Tests.Parts;

/// <summary>Text from elsewhere is text on a page, too.</summary>
public sealed class PlainTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;")]
    [InlineData("photo\u202Egnp.exe", @"photo\u202Egnp.exe")]
    [InlineData("\u001b[31mred", @"\u001b[31mred")]
    public async Task Render_TextThatWouldDoSomething_WritesItOut(string text, string expected)
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        string html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Plain.Text)] = text });
            return (await renderer.RenderComponentAsync<Plain>(parameters)).ToHtmlString();
        });
        Assert.Equal($"<bdi>{expected}</bdi>", html.Trim(), ignoreCase: true);
    }
}
