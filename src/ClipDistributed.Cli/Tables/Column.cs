namespace ClipDistributed.Cli.Tables;

/// <summary>
/// A column of a <see cref="TextTable"/>: a header alone is one whose cells are never cut. A greater-than sign before it sets it right.
/// </summary>
/// <param name="IsText">Where room is missing its cells are cut, never within a number.</param>
/// <param name="IsPath">It is cut at its beginning.</param>
/// <param name="IsWrapped">A text that goes on below its row instead of being cut.</param>
/// <param name="Name">What it is called where it stands by itself; null: as its header.</param>
/// <param name="Drop">Where room is still missing the column is left out, 1 first; null: it never is.</param>
internal sealed record Column(
    string Header,
    bool IsRight = false,
    bool IsText = false,
    bool IsPath = false,
    int? Drop = null,
    string? Name = null,
    bool IsWrapped = false
)
{
    public static Column Text(string header, int? drop = null) => new(header, IsText: true, Drop: drop);

    public static Column Path(string header) => new(header, IsText: true, IsPath: true);

    public static implicit operator Column(string header) =>
        header.StartsWith('>') ? new Column(header[1..], IsRight: true) : new Column(header);

    public Column Dropped(int order) => this with { Drop = order };
}
