using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Comparing;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Shown;
using Grpc.Core;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Pages;

public sealed partial class ComparePage : LivePage
{
    /// <summary>As many as there are colours.</summary>
    private const int MaxRuns = 8;

    private static readonly IReadOnlyList<(string Name, Func<ComparedRun, string> Value)> Figures =
    [
        ("State", one => RunShown.Name(one.Run!.State)),
        ("Loss", one => one.Run!.HasLoss ? Quantity.Loss(one.Run.Loss) : Quantity.None),
        ("Steps", one => $"{Quantity.Whole(one.Run!.Step)} of {Quantity.Whole(one.Run.Steps)}"),
        ("Samples seen", one => one.GlobalBatch > 0 ? Quantity.Short((double)one.Run!.Step * one.GlobalBatch) : Quantity.None),
        (
            "Samples/s, useful time",
            one => one is { GlobalBatch: > 0, Run.UsefulSeconds: > 0 }
                ? Quantity.Short(one.Run.Step * (double)one.GlobalBatch / one.Run.UsefulSeconds) : Quantity.None),
        ("Time taken", one => one.Run!.WallSeconds > 0 ? Quantity.Duration(one.Run.WallSeconds) : Quantity.None),
        ("Goodput", one => RunShown.Goodput(one.Run!)),
        ("Replicas", one => RunShown.Replicas(one.Run!)),
    ];

    private readonly Dictionary<string, TrainingSpec> specs = new(StringComparer.Ordinal); // by job
    private IReadOnlyList<string> ids = [], known = [];
    private LiveQuery<Comparison> query = default!;

    /// <summary>As in <c>demo-1,demo-2</c>.</summary>
    [SupplyParameterFromQuery]
    private string? Runs { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private IEnumerable<string> Others => known.Except(ids);

    protected override void OnInitialized() =>
        query = new LiveQuery<Comparison>(ReadAsync, RenderAsync, Clock, longest: TimeSpan.FromSeconds(3));

    protected override async Task OnParametersSetAsync()
    {
        string[] now = [.. (Runs ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Distinct().Take(MaxRuns)];
        if (now.SequenceEqual(ids) && query.State.Value is not null)
            return;
        ids = now;
        await query.ReadAsync(Left);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            Begin(query.RunAsync);
    }

    private static string AddressOf(IEnumerable<string> runs) =>
        $"/compare?runs={string.Join(',', runs.Select(Uri.EscapeDataString))}";

    private void Add(ChangeEventArgs change)
    {
        if (change.Value is string { Length: > 0 } id)
            Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("runs", string.Join(',', ids.Append(id))));
    }

    private async Task<Comparison> ReadAsync(CancellationToken cancel)
    {
        var control = await Calls.ControlAsync();
        var all = (await control.ListRunsAsync(new ListRunsRequest { PageSize = 100 }, cancellationToken: cancel)).Runs;
        known = [.. all.Select(run => run.RunId)];
        var compared = new List<ComparedRun>();
        foreach (string id in ids)
            compared.Add(await ReadAsync(control, id, cancel));
        return new Comparison(compared);
    }

    private async Task<ComparedRun> ReadAsync(ControlService.ControlServiceClient control, string id, CancellationToken cancel)
    {
        try
        {
            var run = (await control.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: cancel)).Run;
            if (!specs.TryGetValue(run.JobId, out var spec))
            {
                var job = await control.GetJobAsync(new GetJobRequest { JobId = run.JobId }, cancellationToken: cancel);
                specs[run.JobId] = spec = job.Job.Spec;
            }
            return new ComparedRun(id, run, spec, null);
        }
        catch (RpcException failed) when (failed.StatusCode == StatusCode.NotFound)
        {
            return new ComparedRun(id, null, null, CallProblem.Of(failed));
        }
    }
}
