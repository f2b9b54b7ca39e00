namespace ClipDistributed.Dashboard.Keys;

/// <summary>A key, and what it does; keys.js presses what carries it.</summary>
internal sealed record Shortcut(string Key, string Meaning)
{
    public static IReadOnlyList<(string Where, IReadOnlyList<Shortcut> Keys)> All { get; } =
    [
        (
            "Everywhere",
            [
                new("Ctrl K", "find a run, a page or an action"), new("/", "the same"), new("r", "runs"), new("h", "hosts"),
                new("n", "new job"), new("c", "compare"), new("s", "settings"), new("?", "this help"),
            ]),
        ("In a table", [new("j", "next row"), new("k", "row before"), new("Enter", "open the row"), new("x", "select the row")]),
        ("On a run", [new("]", "next tab"), new("[", "tab before"), new("p", "pause or resume"), new("v", "save a checkpoint")]),
    ];
}
