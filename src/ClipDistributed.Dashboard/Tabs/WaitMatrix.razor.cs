using ClipDistributed.Contracts.Errors;
using System.Globalization;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Shown;
using ClipDistributed.Telemetry;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Tabs;

public sealed partial class WaitMatrix : ComponentBase
{
    private const int Left = 58, Top = 40, MaxRanks = 32, WithText = 44;

    private Dictionary<(int Row, int Column), double> seconds = [];

    [Parameter, EditorRequired]
    public IReadOnlyList<RunReplica> Replicas { get; set; } = [];

    [Parameter, EditorRequired]
    public long Generation { get; set; }

    /// <summary>Their ranks.</summary>
    private IReadOnlyList<int> Shown { get; set; } = [];

    private double Max { get; set; }

    /// <summary>How long others have waited for each, the longest first.</summary>
    private IReadOnlyList<(int Rank, double Seconds)> Costs { get; set; } = [];

    private int Cell => Shown.Count <= 8 ? 72 : Shown.Count <= 16 ? 46 : 22;

    private int Width => Left + Shown.Count * Cell + 4;

    private int Height => Top + Shown.Count * Cell + 4;

    private string Label => Costs is [var (rank, waited), ..]
        ? $"waits between {Counted.Of(Shown.Count, "replica")}; rank {rank} was waited for longest, {Quantity.Seconds(waited)} in all"
        : "no waits";

    protected override void OnParametersSet()
    {
        seconds = Replicas.SelectMany(one => one.WaitedFor.Select(wait => (Row: one.Rank, Column: wait.Rank, wait.Seconds)))
            .GroupBy(wait => (wait.Row, wait.Column)).ToDictionary(same => same.Key, same => same.Sum(wait => wait.Seconds));
        Max = seconds.Values.DefaultIfEmpty().Max();
        Costs = [.. seconds.GroupBy(wait => wait.Key.Column).Select(one => (one.Key, one.Sum(wait => wait.Value)))
            .OrderByDescending(one => one.Item2)];
        var weight = seconds.SelectMany(wait => new[] { (Rank: wait.Key.Row, wait.Value), (Rank: wait.Key.Column, wait.Value) })
            .ToLookup(one => one.Rank, one => one.Value);
        Shown = [.. Replicas.Select(one => one.Rank).OrderByDescending(rank => weight[rank].Sum()).Take(MaxRanks).Order()];
    }

    /// <summary>Text of a picture: to Razor that element means another thing.</summary>
    private static RenderFragment Words(int x, int y, string text, string anchor, string? css = null) => builder =>
    {
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "x", x);
        builder.AddAttribute(2, "y", y);
        builder.AddAttribute(3, "text-anchor", anchor);
        builder.AddAttribute(4, "class", css);
        builder.AddContent(5, text);
        builder.CloseElement();
    };

    private double Seconds(int row, int column) => seconds.GetValueOrDefault((row, column));

    /// <summary>A short wait is seen too.</summary>
    private string? Fill(int row, int column, double waited) => row == column || waited <= 0 ? null
        : string.Create(CultureInfo.InvariantCulture, $"fill: var(--accent); fill-opacity: {0.1 + 0.9 * waited / Max:0.##}");

    private string HostOf(int rank) =>
        Replicas.FirstOrDefault(one => one.Rank == rank) is { } one ? Printable.Line($"{one.Host} {one.Device}") : "";
}
