using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Actions;
using ClipDistributed.Dashboard.Calls;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;

namespace ClipDistributed.Dashboard.Keys;

public sealed partial class Palette : ComponentBase
{
    private const int MaxFound = 10;

    private static readonly DialogOptions Options = new()
    {
        NoHeader = true, MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true, Position = DialogPosition.TopCenter,
    };

    private static readonly IReadOnlyList<PaletteItem> Places =
    [
        new("page", "Runs", "/"), new("page", "Hosts", "/hosts"), new("page", "New job", "/new"), new("page", "Compare", "/compare"),
        new("page", "Settings", "/settings"), new("page", "Settings: tokens", "/settings/tokens"),
        new("page", "Settings: audit", "/settings/audit"),
    ];

    private IReadOnlyList<PaletteItem> all = Places, found = [];
    private string text = "";
    private int at;
    private bool wasOpen;
    private CallProblem? problem;

    [Parameter, EditorRequired]
    public bool IsOpen { get; set; }

    [Parameter, EditorRequired]
    public EventCallback Closed { get; set; }

    [Inject]
    internal ControlCalls Calls { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <summary>Of the run whose page is open; null: another page is.</summary>
    private string? ShownRun => Navigation.ToBaseRelativePath(Navigation.Uri).Split('?', '#')[0].Split('/') is ["runs", var id, ..]
        ? Uri.UnescapeDataString(id) : null;

    protected override async Task OnParametersSetAsync()
    {
        if (IsOpen == wasOpen)
            return;
        wasOpen = IsOpen;
        if (!IsOpen)
            return;
        (text, all, problem) = ("", Places, null);
        Filter();
        await ReadAsync();
    }

    private async Task ReadAsync()
    {
        try
        {
            var control = await Calls.ControlAsync();
            var request = new ListRunsRequest { PageSize = 200 };
            var runs = (await control.ListRunsAsync(request, deadline: DateTime.UtcNow.AddSeconds(10))).Runs;
            bool mayOperate = (await Calls.SessionAsync())?.MayOperate == true;
            var own = runs.FirstOrDefault(run => run.RunId == ShownRun);
            all =
            [
                .. own is null || !mayOperate ? [] : Actions(own),
                .. Places,
                .. runs.Select(run => new PaletteItem("run", run.RunId, $"/runs/{Uri.EscapeDataString(run.RunId)}")),
            ];
        }
        catch (RpcException failed)
        {
            problem = CallProblem.Of(failed);
        }
        Filter();
    }

    /// <summary>What the state of the run allows.</summary>
    private static IEnumerable<PaletteItem> Actions(Run run)
    {
        string address = $"/runs/{Uri.EscapeDataString(run.RunId)}";
        return RunVerbs.All.Where(verb => RunVerbs.Refusal(verb, run) is null)
            .Select(verb => new PaletteItem("action", $"{verb} {run.RunId}", $"{address}?do={RunVerbs.Key(verb)}"))
            .Append(new PaletteItem("action", $"Fork {run.RunId}", $"/new?from={Uri.EscapeDataString(run.RunId)}"));
    }

    private void Find(ChangeEventArgs change)
    {
        text = change.Value as string ?? "";
        Filter();
    }

    private void Filter() => (found, at) = (PaletteItem.Find(all, text, MaxFound), 0);

    private void Move(KeyboardEventArgs key)
    {
        if (found.Count > 0)
            at = (at + key.Key switch { "ArrowDown" => 1, "ArrowUp" => found.Count - 1, _ => 0 }) % found.Count;
    }

    private Task GoAsync() => at < found.Count ? GoAsync(found[at]) : Task.CompletedTask;

    private async Task GoAsync(PaletteItem item)
    {
        await Closed.InvokeAsync();
        Navigation.NavigateTo(item.Address);
    }
}
