using ClipDistributed.Coordinator.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Coordinator.Access;

internal static class AccessServices
{
    /// <summary>Tokens and the audit. Call it before other services that take calls.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services, CoordinatorOptions options)
    {
        services.AddSingleton<FailedLogIns>();
        services.AddSingleton<LocalToken>();
        services.AddSingleton<TokenTable>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton(provider => new LogIns(provider.GetRequiredService<TokenTable>(), provider.GetService<OpenIdTokens>()));
        if (options.OpenId is { } openId)
        {
            services.AddSingleton(openId);
            services.AddSingleton<OpenIdProvider>();
            services.AddSingleton<OpenIdTokens>();
            services.AddHostedService(provider => provider.GetRequiredService<OpenIdTokens>());
        }
        services.AddHostedService(provider => provider.GetRequiredService<TokenTable>());
        services.AddHostedService(provider => provider.GetRequiredService<AuditLog>());
        return services;
    }
}
