using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Calls;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Actions;

public sealed partial class RunActions : ComponentBase
{
    private readonly HashSet<string> done = new(StringComparer.Ordinal); // of the verb that is asked about
    private RunVerb? asked;
    private int? min, max;
    private string? roleRefusal = "it is not known yet who you are";
    private string? followed; // the request of the address that was opened

    /// <summary>One, or those that are selected.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<Run> Runs { get; set; } = [];

    /// <summary>They were deleted.</summary>
    [Parameter]
    public EventCallback Deleted { get; set; }

    /// <summary>Further buttons.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>A verb whose question is open from the start, as in <c>pause</c>.</summary>
    [SupplyParameterFromQuery(Name = "do")]
    private string? Do { get; set; }

    [Inject]
    internal ControlCalls Calls { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <summary>Of pausing and resuming one run, what its state allows.</summary>
    private IEnumerable<RunVerb> Offered => Runs is [var one]
        ? RunVerbs.All.Where(verb => verb != (RunVerbs.Refusal(RunVerb.Resume, one) is null ? RunVerb.Pause : RunVerb.Resume))
        : RunVerbs.All;

    protected override async Task OnInitializedAsync() => roleRefusal = RoleRefusal.Of(await Calls.SessionAsync());

    protected override void OnParametersSet()
    {
        if (followed == Do)
            return;
        followed = Do;
        if (RendererInfo.IsInteractive && Enum.TryParse<RunVerb>(Do, ignoreCase: true, out var verb) && roleRefusal is null)
            Open(verb);
    }

    /// <returns>Null: at least one of the runs allows it.</returns>
    private string? Refusal(RunVerb verb) =>
        roleRefusal ?? (Runs.Select(run => RunVerbs.Refusal(verb, run)).ToList() is var each && each.Contains(null)
            ? null
            : Runs.Count == 1 ? each[0] : "none of them allows it now");

    private string? RefusalOf(RunVerb verb, Run run) => done.Contains(run.RunId) ? null : RunVerbs.Refusal(verb, run);

    private List<Run> Able(RunVerb verb) =>
        [.. Runs.Where(run => !done.Contains(run.RunId) && RunVerbs.Refusal(verb, run) is null)];

    private string? KeyOf(RunVerb verb) => Runs.Count != 1 ? null : verb switch
    {
        RunVerb.Pause or RunVerb.Resume => "p",
        RunVerb.Checkpoint => "v",
        _ => null,
    };

    private static string Title(RunVerb verb, List<Run> able) => able switch
    {
        [var one] => $"{verb} {Telemetry.Printable.Line(one.RunId)}?",
        { Count: > 1 } => $"{verb} {Counted.Plain(able.Count, "run")}?",
        _ => $"{verb}",
    };

    private void Open(RunVerb verb)
    {
        done.Clear();
        (min, max) = Runs is [var one] ? (Given(one.MinReplicas), Given(one.MaxReplicas)) : (null, null);
        asked = verb;

        static int? Given(int count) => count > 0 ? count : null;
    }

    private void Close()
    {
        asked = null;
        if (Do is not null)
            Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("do", (string?)null), replace: true);
    }

    private async Task<IReadOnlyList<string>> SendAsync(RunVerb verb)
    {
        if (verb == RunVerb.Scale && (min ?? max) is null)
            return ["give a minimum or a maximum"];
        if (min < 1 || max < 1)
            return ["a run has at least one replica"];
        var range = new ReplicaRange((uint?)min, (uint?)max);
        var requests = new RunRequests(Calls);
        var problems = new List<string>();
        foreach (var run in Able(verb))
        {
            if (await requests.SendAsync(verb, run.RunId, range) is { } problem)
                problems.Add(Runs.Count == 1 ? problem.Text : $"{run.RunId}: {problem.Text}");
            else
                done.Add(run.RunId);
        }
        if (verb == RunVerb.Delete && problems.Count == 0)
            await Deleted.InvokeAsync();
        return problems;
    }
}
