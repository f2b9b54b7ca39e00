using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Control.Lists;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Control.Lists;

public sealed class PageTests
{
    private static readonly ListOrder<int> Newest = new("submitted", item => $"{item:D9}", NewestFirst: true);
    private static readonly ListOrder<string> Name = new("name", item => item, NewestFirst: false);

    [Theory]
    [InlineData("", new[] { 4, 3, 2, 1, 0 })]
    [InlineData("submitted desc", new[] { 4, 3, 2, 1, 0 })]
    [InlineData("submitted", new[] { 0, 1, 2, 3, 4 })]
    public void Of_PageAfterPage_IsTheWholeListInOrder(string orderBy, int[] expected)
    {
        foreach (int size in (int[])[1, 2, 4, 5, 6])
            Assert.Equal(expected, Read([2, 0, 1, 4, 3], orderBy, size));
    }

    [Theory]
    [InlineData(0, Page.UsualSize)]
    [InlineData(7, 7)]
    [InlineData(5_000, Page.MaxSize)]
    public void Of_LongList_IsCutToItsSize(int size, int expected)
    {
        var page = Page.Of(Enumerable.Range(0, 3_000), Newest, new PageRequest(size, "", ""));
        Assert.Equal(expected, page.Items.Count);
        Assert.NotEqual("", page.Next);
    }

    /// <summary>Also of the very item after which the next page begins.</summary>
    [Fact]
    public void Of_ItemsComeAndGoBetween_NoneOfTheOthersIsLeftOutOrTwice()
    {
        var first = Page.Of([1, 2, 3, 4, 5, 6], Newest, new PageRequest(2, "", ""));
        Assert.Equal([6, 5], first.Items);
        var second = Page.Of([1, 2, 4, 6, 7, 8], Newest, new PageRequest(2, first.Next, ""));
        Assert.Equal([4, 2], second.Items);
        Assert.Equal([1], Page.Of([1, 2, 4], Newest, new PageRequest(2, second.Next, "")).Items);
    }

    [Theory]
    [InlineData(-1, "", "", "page_size")]
    [InlineData(0, "x", "", "page_token")]
    [InlineData(0, "not base 64!", "", "page_token")]
    [InlineData(0, "", "size", "order_by")]
    [InlineData(0, "", "submitted  desc", "order_by")]
    public void Of_ListThatIsNone_NamesTheField(int size, string token, string orderBy, string field)
    {
        var refused = Assert.Throws<BadInputException>(() => Page.Of([1, 2], Newest, new PageRequest(size, token, orderBy)));
        Assert.Equal(field, Assert.Single(refused.Found).Field);
    }

    [Fact]
    public void Of_TokenOfAnotherList_IsRefused()
    {
        string token = Page.Of([1, 2, 3], Newest, new PageRequest(1, "", "", "jobs of a")).Next;
        foreach (var request in (PageRequest[])[new(1, token, "", "jobs of b"), new(1, token, "submitted", "jobs of a")])
            Assert.Throws<BadInputException>(() => Page.Of([1, 2, 3], Newest, request));
        Assert.Throws<BadInputException>(() => Page.Of(["a"], Name, new PageRequest(1, token, "", "jobs of a")));
        Assert.Equal([2], Page.Of([1, 2, 3], Newest, new PageRequest(1, token, "submitted desc", "jobs of a")).Items);
    }

    [Fact]
    public async Task List_JobsRunsAndHosts_ComeInPages()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        foreach (string name in (string[])["c", "a", "b"])
            await coordinator.HostAsync(name);
        foreach (string name in (string[])["x", "y", "z"])
            await coordinator.SubmitAsync(coordinator.Spec(name, min: 8, max: 8));
        var control = coordinator.Control;

        var runs = await control.ListRunsAsync(new ListRunsRequest { PageSize = 2 });
        Assert.Equal(["z-1", "y-1"], runs.Runs.Select(run => run.RunId));
        runs = await control.ListRunsAsync(new ListRunsRequest { PageSize = 2, PageToken = runs.NextPageToken });
        Assert.Equal(("x-1", ""), (Assert.Single(runs.Runs).RunId, runs.NextPageToken));

        var jobs = await control.ListJobsAsync(new ListJobsRequest { PageSize = 2, OrderBy = "submitted" });
        Assert.Equal(["x", "y"], jobs.Jobs.Select(job => job.JobId));
        jobs = await control.ListJobsAsync(new ListJobsRequest { PageToken = jobs.NextPageToken, OrderBy = "submitted" });
        Assert.Equal(("z", ""), (Assert.Single(jobs.Jobs).JobId, jobs.NextPageToken));

        var hosts = await control.ListHostsAsync(new ListHostsRequest { PageSize = 2 });
        Assert.Equal(["a", "b"], hosts.Hosts.Select(host => host.Name));
        hosts = await control.ListHostsAsync(new ListHostsRequest { PageSize = 2, PageToken = hosts.NextPageToken });
        Assert.Equal(("c", ""), (Assert.Single(hosts.Hosts).Name, hosts.NextPageToken));
    }

    private static List<int> Read(int[] list, string orderBy, int size)
    {
        var read = new List<int>();
        string token = "";
        do
        {
            var page = Page.Of(list, Newest, new PageRequest(size, token, orderBy));
            Assert.InRange(page.Items.Count, 1, size);
            read.AddRange(page.Items);
            token = page.Next;
        }
        while (token != "");
        return read;
    }
}
