using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Calls;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Settings;

public sealed partial class TokenForm : ComponentBase
{
    private Role role = Role.Viewer;
    private string owner = "", host = "", runId = "";
    private int days = 90;
    private string? problem;
    private bool isSending;

    /// <summary>With its text, which nothing else has.</summary>
    [Parameter, EditorRequired]
    public EventCallback<CreateTokenResponse> Made { get; set; }

    [Inject]
    internal ControlCalls Calls { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    private async Task MakeAsync()
    {
        if (isSending)
            return; // a second click
        isSending = true;
        try
        {
            var request = new CreateTokenRequest
            {
                Role = role,
                Owner = owner.Trim(),
                Host = role == Role.Host ? host.Trim() : "",
                RunId = role is Role.Viewer or Role.Operator ? runId.Trim() : "",
                Expires = days == 0 ? null : Clock.GetUtcNow().AddDays(days).ToTimestamp(),
            };
            var admin = await Calls.AdminAsync();
            var token = await admin.CreateTokenAsync(request, deadline: DateTime.UtcNow.AddSeconds(30));
            (problem, owner, host, runId) = (null, "", "", "");
            await Made.InvokeAsync(token);
        }
        catch (RpcException failed)
        {
            problem = CallProblem.Of(failed).Text;
        }
        finally
        {
            isSending = false;
        }
    }
}
