using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Shown;
using ClipDistributed.Dashboard.Tables;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Pages;

public sealed partial class RunsPage : LivePage
{
    private const int MaxRuns = 100, MaxWatched = 20;

    private readonly HashSet<string> watched = [];
    private readonly HashSet<string> selected = new(StringComparer.Ordinal);
    private IReadOnlyList<TableColumn<Run>>? columns;
    private LiveQuery<RunList> query = default!;
    private LossCurves curves = default!;

    /// <summary>active, ended, or all.</summary>
    [SupplyParameterFromQuery]
    private string? Show { get; set; }

    [SupplyParameterFromQuery]
    private string? Sort { get; set; }

    [SupplyParameterFromQuery(Name = "columns")]
    private string? ChosenColumns { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private TableView View => new(Sort, ChosenColumns);

    private IEnumerable<(string Key, string Name, int Count)> Filters
    {
        get
        {
            var runs = query.State.Value?.Runs ?? [];
            int ended = runs.Count(run => run.State.HasEnded());
            return [("", "All", runs.Count), ("active", "Active", runs.Count - ended), ("ended", "Ended", ended)];
        }
    }

    protected override async Task OnInitializedAsync()
    {
        query = new LiveQuery<RunList>(ReadAsync, RenderAsync, Clock, longest: TimeSpan.FromSeconds(5));
        curves = new LossCurves(Calls, Clock);
        await query.ReadAsync(Left);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            Begin(query.RunAsync);
            Begin(cancel => curves.RunAsync(() => query.State.Value?.Runs ?? [], RenderAsync, cancel));
        }
        foreach (var run in (query.State.Value?.Runs ?? []).Where(run => !run.State.HasEnded()).Take(MaxWatched))
            if (watched.Add(run.RunId))
                Begin(cancel => WatchAsync(run.RunId, cancel));
    }

    private async Task<RunList> ReadAsync(CancellationToken cancel)
    {
        var control = await Calls.ControlAsync();
        var response = await control.ListRunsAsync(new ListRunsRequest { PageSize = MaxRuns }, cancellationToken: cancel);
        return new RunList(response.Runs, response.NextPageToken != "");
    }

    private async Task WatchAsync(string runId, CancellationToken cancel)
    {
        await new RunWatch(Calls, runId, Clock).RunAsync(_ => query.Wake(), cancel);
        query.Wake();
        await InvokeAsync(() => watched.Remove(runId)); // it may be resumed
    }

    private static string CompareAddress(IEnumerable<Run> runs) =>
        $"/compare?runs={string.Join(',', runs.Select(run => Uri.EscapeDataString(run.RunId)))}";

    private string Age(Run run) => Quantity.Age(run.Submitted.ToDateTimeOffset(), Clock.GetUtcNow());

    private IReadOnlyList<double>? Curve(Run run) => curves.Of(run.RunId);

    private IEnumerable<Run> Shown(RunList list) => list.Runs.Where(run => Show switch
    {
        "active" => !run.State.HasEnded(),
        "ended" => run.State.HasEnded(),
        _ => true,
    });
}
