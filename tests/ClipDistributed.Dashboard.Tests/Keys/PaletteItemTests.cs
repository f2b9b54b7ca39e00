using ClipDistributed.Dashboard.Keys;

namespace ClipDistributed.Dashboard.Tests.Keys;

public sealed class PaletteItemTests
{
    private static readonly PaletteItem[] All =
        [new("action", "Pause demo-1", "/"), new("run", "demo-1", "/"), new("run", "other-2", "/"), new("page", "Hosts", "/hosts")];

    [Theory]
    [InlineData("", "Pause demo-1,demo-1,other-2,Hosts")]
    [InlineData("demo", "demo-1,Pause demo-1")] // what begins so comes first
    [InlineData("1 PAUSE", "Pause demo-1")]
    [InlineData("ho", "Hosts")]
    [InlineData("nothing", "")]
    public void Find_Words_AreAllInIt(string query, string expected) =>
        Assert.Equal(expected, string.Join(',', PaletteItem.Find(All, query, 10).Select(item => item.Name)));
}
