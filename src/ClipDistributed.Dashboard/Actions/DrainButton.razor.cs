using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Telemetry;
using Grpc.Core;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Actions;

public sealed partial class DrainButton : ComponentBase
{
    private string? roleRefusal;
    private bool isOpen;

    [Parameter, EditorRequired]
    public Host Host { get; set; } = default!;

    [Inject]
    internal ControlCalls Calls { get; set; } = default!;

    /// <summary>One in quarantine is offered again, too.</summary>
    private bool IsUndo => Host.Drained || Host.Quarantine != "";

    private string Verb => IsUndo ? "Undrain" : "Drain";

    private string? HostRefusal => Host.Lost is null ? null : "its connection is lost";

    /// <summary>What becomes of what runs there.</summary>
    private string Leaving
    {
        get
        {
            int replicas = Host.Devices.Count(device => device.ReplicaId != "");
            var runs = Host.Devices.Select(device => device.RunId).Where(run => run != "").Distinct().Order(StringComparer.Ordinal);
            return replicas == 0
                ? "Nothing runs there now."
                : $"Its {Counted.Plain(replicas, "replica")} of {string.Join(", ", runs.Select(Printable.Line))} "
                    + $"{(replicas == 1 ? "leaves" : "leave")} at the next step boundary, with nothing lost. A run goes on with those that "
                    + "it has elsewhere, or waits for devices.";
        }
    }

    protected override async Task OnInitializedAsync() => roleRefusal = RoleRefusal.Of(await Calls.SessionAsync());

    private async Task<IReadOnlyList<string>> SendAsync()
    {
        try
        {
            var control = await Calls.ControlAsync();
            await control.DrainHostAsync(
                new DrainHostRequest { Name = Host.Name, Undo = IsUndo }, deadline: DateTime.UtcNow.AddSeconds(30));
            return [];
        }
        catch (RpcException failed)
        {
            return [CallProblem.Of(failed).Text];
        }
    }
}
