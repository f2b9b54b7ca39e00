using ClipDistributed.Coordinator.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Coordinator.Listening;

/// <summary>Which proxies say who calls. Of a chain each must be one of them: the first other address is the caller.</summary>
internal static class TrustedProxies
{
    public static void AddForwardedHeaders(this IServiceCollection services, CoordinatorOptions options) =>
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders =
                ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear(); // this machine is among them by default
            forwarded.KnownIPNetworks.Clear();
            foreach (string range in options.BehindProxy)
                forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(range));
        });
}
