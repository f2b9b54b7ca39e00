using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Checkpoints;
using ClipDistributed.Coordinator.Control;
using ClipDistributed.Coordinator.Control.Rest;
using ClipDistributed.Coordinator.History;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.InProcess;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Listening;
using ClipDistributed.Coordinator.Metrics;
using ClipDistributed.Coordinator.Probes;
using ClipDistributed.Coordinator.Questions;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ClipDistributed.Coordinator;

/// <summary>What a coordinator that leads is made of.</summary>
internal static class CoordinatorServices
{
    public static void AddCoordinator(this IServiceCollection services, CoordinatorOptions options, RunStore store)
    {
        services.AddRouting();
        var calls = services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<RefusalInterceptor>();
            grpc.MaxReceiveMessageSize = options.Limits.MessageBytes;
            grpc.MaxSendMessageSize = null; // its own messages: assignments list spans, a run may have many incidents
        })
            .AddServiceOptions<HostApi>(host => host.MaxReceiveMessageSize = options.Limits.MemberMessageBytes)
            .AddServiceOptions<ReplicaApi>(replica => replica.MaxReceiveMessageSize = options.Limits.MemberMessageBytes);
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks().AddCheck("coordinator", () => HealthCheckResult.Healthy());
        services.AddSingleton(_ => store); // a factory, so that it is disposed
        services.AddSingleton(provider => new ObservedStore(provider.GetRequiredService<RunStore>()));
        services.AddSingleton<IRunStore>(provider => provider.GetRequiredService<ObservedStore>());
        services.AddSingleton<Leadership>();
        services.AddSingleton<CallFailure>();
        services.AddSingleton<UnreadableRequests>();
        services.AddSingleton<HostCertificates>();
        services.AddSingleton<Readiness>();
        services.AddForwardedHeaders(options);
        services.AddSingleton<DevicePool>();
        services.AddSingleton<LostHosts>();
        services.AddSingleton<HostEffects>();
        services.AddSingleton<HostRegistry>();
        services.AddSingleton<HostTokens>();
        services.AddSingleton<SilentHosts>();
        services.AddSingleton<HostAbsences>();
        services.AddSingleton<ReplicaTable>();
        services.AddSingleton<ReplicaOutput>();
        services.AddSingleton<ReplicaLinks>();
        services.AddSingleton<Rendezvous>();
        services.AddSingleton<RunServices>();
        services.AddSingleton<RunTable>();
        services.AddSingleton<IAttemptList, AttemptList>();
        services.AddSingleton<CheckpointCheck>();
        services.AddSingleton<RunCheckpoints>();
        services.AddSingleton<ForkPins>();
        services.AddSingleton<JobForks>();
        services.AddSingleton<ModelQuestions>();
        services.AddSingleton<PacedStream>();
        services.AddSingleton<ArtefactStreams>();
        services.AddSingleton<BackupStream>();
        services.AddSingleton<HostMessages>();
        services.AddSingleton<JobSubmission>();
        services.AddSingleton<RequestStore>();
        services.AddSingleton<RepeatableSubmission>();
        services.AddSingleton<SubmitCalls>();
        services.AddHistory();
        if (options.HasMetrics)
        {
            services.AddSingleton<MetricsGate>();
            RestGate.Add(calls);
        }
        if (options.Measures)
            services.AddRunMetrics(options);
        if (options.HasPages)
        {
            services.AddInProcessCalls();
            options.Pages!.AddServices(services);
        }
        services.AddHostedService(provider => provider.GetRequiredService<Leadership>());
        services.AddAccess(options);
        services.AddSingleton<AccessGate>();
        services.AddSingleton<TokenIssuer>();
        services.AddSingleton<ServerDescription>();
        services.AddHostedService<QueueAudit>();
        services.AddHostedService(provider => provider.GetRequiredService<RunTable>());
        services.AddHostedService<KnownHosts>();
        services.AddHostedService<KnownFaults>();
        services.AddHostedService<SecretRenewals>();
    }
}
