using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Coordinator.Access;

internal static class AccessServices
{
    /// <summary>Tokens and the audit. Call it before other services that take calls.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<FailedLogIns>();
        services.AddSingleton<LocalToken>();
        services.AddSingleton<TokenTable>();
        services.AddSingleton<AuditLog>();
        services.AddHostedService(provider => provider.GetRequiredService<TokenTable>());
        services.AddHostedService(provider => provider.GetRequiredService<AuditLog>());
        return services;
    }
}
