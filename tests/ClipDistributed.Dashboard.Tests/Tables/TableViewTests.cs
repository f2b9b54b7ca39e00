using ClipDistributed.Dashboard.Tables;

namespace ClipDistributed.Dashboard.Tests.Tables;

public sealed class TableViewTests
{
    private static readonly IReadOnlyList<TableColumn<string?>> Columns =
    [
        Column("run", isFixed: true), Column("loss", isNumber: true), Column("age", isNumber: true), Column("job", isShown: false),
    ];

    [Theory]
    [InlineData(null, "b,,a,c")]
    [InlineData("loss", "a,b,c,")]
    [InlineData("-loss", "c,b,a,")] // what has no value comes last, whichever way
    [InlineData("none", "b,,a,c")]
    public void Sorted_ByAddress_PutsMissingValuesLast(string? sort, string expected) =>
        Assert.Equal(expected, string.Join(',', new TableView(sort, null).Sorted(["b", null, "a", "c"], Columns)));

    [Theory]
    [InlineData(null, "run,loss,age")]
    [InlineData("job", "run,job")]
    [InlineData("age,none,<b>", "run,age")]
    public void Shown_ByAddress_IsThatOfTheTable(string? chosen, string expected) =>
        Assert.Equal(expected, string.Join(',', new TableView(null, chosen).Shown(Columns).Select(column => column.Key)));

    [Fact]
    public void NextSort_PressedAgainAndAgain_ComesBack()
    {
        Assert.Equal(["-loss", "loss", null], Pressed(Columns[1]));
        Assert.Equal(["run", "-run", null], Pressed(Columns[0]));

        static string?[] Pressed(TableColumn<string?> column)
        {
            string? first = new TableView(null, null).NextSort(column), second = new TableView(first, null).NextSort(column);
            return [first, second, new TableView(second, null).NextSort(column)];
        }
    }

    [Fact]
    public void Toggled_BackToTheUsualColumns_LeavesTheAddress()
    {
        string? without = new TableView(null, null).Toggled(Columns[1], Columns);
        Assert.Equal("age", without);
        Assert.Null(new TableView(null, without).Toggled(Columns[1], Columns));
    }

    private static TableColumn<string?> Column(string key, bool isNumber = false, bool isShown = true, bool isFixed = false) =>
        new(key, key, text => text, _ => _ => { }) { IsNumber = isNumber, IsShown = isShown, IsFixed = isFixed };
}
