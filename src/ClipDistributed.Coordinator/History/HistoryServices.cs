using ClipDistributed.Coordinator.History.Explanations;
using ClipDistributed.Coordinator.History.Logs;
using ClipDistributed.Coordinator.History.MetricQueries;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Coordinator.History;

internal static class HistoryServices
{
    /// <summary>What answers questions about what became of runs.</summary>
    public static IServiceCollection AddHistory(this IServiceCollection services)
    {
        services.AddSingleton<RollupStore>();
        services.AddSingleton<RollupWriter>();
        services.AddSingleton<MetricHistory>();
        services.AddSingleton<RunPast>();
        services.AddSingleton<RunExplainer>();
        services.AddHostedService<RollupLoop>();
        services.AddSingleton<LogFollowers>();
        services.AddSingleton<LogReading>();
        services.AddHostedService<LogWriter>();
        return services;
    }
}
