using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Sessions;

namespace ClipDistributed.Dashboard.Tests.Sessions;

public class SessionTableTests
{
    [Fact]
    public void Open_OneTokenAgainAndAgain_EndsItsOwnOldestAlone()
    {
        var table = new SessionTable(new DashboardOptions(), TimeProvider.System);
        var other = table.Open("other", new Token { Owner = "ann", Role = Role.Admin }, "127.0.0.1");
        var own = Enumerable.Range(0, SessionTable.MaxOfOneToken * 60)
            .Select(_ => table.Open("own", new Token { Owner = "bob", Role = Role.Viewer }, "127.0.0.1")).ToList();
        Assert.Same(other, table.Find(other.Id));
        Assert.Null(table.Find(own[0].Id));
        Assert.Equal(SessionTable.MaxOfOneToken, own.Count(one => table.Find(one.Id) is not null));
    }
}
