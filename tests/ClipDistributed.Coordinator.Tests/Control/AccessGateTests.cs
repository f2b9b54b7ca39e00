using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Control;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.Coordinator.Tests.Control;

public sealed class AccessGateTests
{
    /// <summary>Its successor may have revoked the token, or made others.</summary>
    [Fact]
    public async Task Invoke_AnotherMayLead_IsUnavailableWithoutALookAtTheToken()
    {
        using var folder = new TemporaryFolder();
        var options = new CoordinatorOptions { StateDirectory = folder.Path };
        using var store = RunStore.Open(options);
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        using var leadership = new Leadership(store, options, null!, lifetime, TimeProvider.System, NullLogger<Leadership>.Instance);
        leadership.Lose("another coordinator owns the store");
        var gate = new AccessGate(null!, null!, null!, leadership, TimeProvider.System);
        var context = new DefaultHttpContext();
        context.SetEndpoint(new Endpoint(null, EndpointMetadataCollection.Empty, "a page"));
        bool isServed = false;

        await gate.InvokeAsync(context, _ =>
        {
            isServed = true;
            return Task.CompletedTask;
        });

        Assert.Equal((StatusCodes.Status503ServiceUnavailable, false), (context.Response.StatusCode, isServed));
        Assert.Null(Admission.Of(context));
    }
}
