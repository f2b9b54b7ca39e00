using ClipDistributed.Coordinator.Members;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

internal sealed partial class RunLoop
{
    private void LogPhase(string runId, RunPhase phase, string reason) => LogPhase(runId, Words(phase), Behind(reason));

    private void LogEnding(string runId, long generation, RunPhase phase, string reason) => LogEnding(runId, generation, Lower(phase), Behind(reason));

    private static string Lower(RunPhase phase) => phase.ToString().ToLowerInvariant();

    /// <summary>As in <c>is running</c> and <c>has succeeded</c>.</summary>
    private static string Words(RunPhase phase) => $"{(phase is RunPhase.Succeeded or RunPhase.Failed ? "has" : "is")} {Lower(phase)}";

    private static string Behind(string reason) => reason == "" ? "" : $": {reason}";

    [LoggerMessage(Level = LogLevel.Information, EventName = "RunPhase", Message = "Run {RunId} {Phase}{Reason}")]
    private partial void LogPhase(string runId, string phase, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "Launch", Message = "Run {RunId} starts replicas ({Replicas}): {Reason}.")]
    private partial void LogLaunch(string runId, int replicas, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "GenerationBegins", Message = "Generation {Generation} of run {RunId} begins after step {Step}, replicas: {Replicas}. {Reason}")]
    private partial void LogGeneration(string runId, long generation, int replicas, long step, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "RunAdopted", Message = "Run {RunId} is led by the coordinator of term {Term}: of its replicas {Back} of {Replicas} came back within {Seconds:0.0} s.")]
    private partial void LogAdopted(string runId, long term, int back, int replicas, double seconds);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaReturned", Message = "Replica {ReplicaId} on host {HostId} is connected again, in generation {Generation}, with step {Step}.")]
    private partial void LogReturned(string replicaId, string hostId, long generation, long step);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "Stall", Message = "This coordinator stood still for {Seconds:0.0} s: it was stopped, starved, or waited for its store. All replicas of run {RunId} are given their leases anew.")]
    private partial void LogStall(string runId, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaLost", Message = "Replica {ReplicaId} of run {RunId} on host {HostId} {Evidence}; another one is started in its place as soon as a device is free.")]
    private partial void LogLost(string runId, string replicaId, string hostId, string evidence);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaDeparted", Message = "Replica {ReplicaId} of run {RunId} {Evidence}; the others go on without it.")]
    private partial void LogDeparted(string runId, string replicaId, string evidence);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "HostQuarantined", Message = "Host {HostId} gets no replicas {Quarantined}; clipd host drain --undo ends that.")]
    private partial void LogQuarantine(string hostId, string quarantined);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "RowTrial", Message = "Replicas of run {RunId} crashed twice near step {Step}: the rows that were in work are decoded in a process of its own. {Evidence}")]
    private partial void LogTrial(string runId, long step, string evidence);

    [LoggerMessage(Level = LogLevel.Information, EventName = "SharesChanged", Message = "Run {RunId}: {Change}")]
    private partial void LogShares(string runId, string change);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaFailed", Message = "Replica {ReplicaId} on host {HostId} cannot go on in generation {Generation} ({Kind}): {Errors}")]
    private partial void LogFailure(string replicaId, string hostId, long generation, FailureKind kind, string errors);

    [LoggerMessage(Level = LogLevel.Information, EventName = "GenerationEnds", Message = "Generation {Generation} of run {RunId} ends, which leaves the run {Phase}{Reason}; its replicas were told to leave.")]
    private partial void LogEnding(string runId, long generation, string phase, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaKilled", Message = "Replica {ReplicaId} is to end; host {HostId} was told to kill it.")]
    private partial void LogKill(string replicaId, string hostId);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaLeftBehind", Message = "Host {HostId} has not told that replica {ReplicaId} ended; its device is given to other runs, look there if it is slow.")]
    private partial void LogLeftBehind(string replicaId, string hostId);
}
