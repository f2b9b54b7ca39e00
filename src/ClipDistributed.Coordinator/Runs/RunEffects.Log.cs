using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.ActiveRuns;
using Microsoft.Extensions.Logging;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Runs;

internal sealed partial class RunEffects
{
    private readonly ILogger logger = services.LoopLogger;

    private void Log(RunAction action)
    {
        switch (action)
        {
            case SetState:
            case BeginPause:
            case PauseRun:
            case EndRun:
                LogState(run.RunId, RunStateText.Clause(run.State), After(run.Reason));
                break;
            case Preempt { By.RunId: var by }:
                LogPreempted(run.RunId, by);
                break;
            case PlaceRun placed:
                LogLaunch(run.RunId, placed.Devices, placed.Reason);
                break;
            case AnnounceGeneration { Generation: var next } announce:
                LogGeneration(run.RunId, next.Number, next.Members.Count, next.StartStep, announce.Reason);
                break;
            case EndTakeover end:
                LogTakenOver(run.RunId, run.Term, end.Back, run.Roster.All.Count, run.Takeover.Until.TotalSeconds);
                break;
            case ReportReturn { Replica: var replica, Hello: var hello }:
                LogReturned(replica.ReplicaId, replica.Device.Host, hello.Generation, hello.AppliedStep);
                break;
            case ReportFailure { Replica: var replica, Failure: var failure } report:
                LogFailure(replica.ReplicaId, replica.Device.Host, report.Generation, failure.Kind, string.Join(" | ", failure.Errors));
                break;
            case Release { Replica: { Standing: Standing.Departing } replica }:
                LogDeparted(run.RunId, replica.ReplicaId, replica.Evidence!);
                break;
            case Release { Replica: var replica }:
                LogLost(run.RunId, replica.ReplicaId, replica.Device.Host, replica.Evidence!);
                break;
            case ReviewShares { Change: { } change }:
                LogShares(run.RunId, change.Reason);
                break;
            case StartTrial { Trial: var trial }:
                LogTrial(run.RunId, run.Step + 1, trial.Host, run.PoisonRows.Evidence);
                break;
            case BeginEnding begin:
                LogEnding(run.RunId, run.GenerationNumber, RunStateText.Lower(begin.State), After(begin.Reason));
                break;
        }
        if (action is EndRun)
        {
            foreach (var replica in run.Roster.All.Where(replica => !replica.IsGone))
                LogLeftBehind(replica.ReplicaId, replica.Device.Host);
        }
    }

    private static string After(string reason) => reason == "" ? "" : $": {reason}";

    [LoggerMessage(Level = LogLevel.Information, EventName = "RunState", Message = "Run {RunId} {State}{Reason}")]
    private partial void LogState(string runId, string state, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "RunPreempted",
        Message = "Run {RunId} makes way for {PreemptorId}: it saves, pauses, and goes on by itself once devices are free.")]
    private partial void LogPreempted(string runId, string preemptorId);

    [LoggerMessage(Level = LogLevel.Information, EventName = "Launch", Message = "Run {RunId} starts replicas ({Replicas}): {Reason}.")]
    private partial void LogLaunch(string runId, int replicas, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "GenerationBegins",
        Message = "Generation {Generation} of run {RunId} begins after step {Step}, replicas: {Replicas}. {Reason}")]
    private partial void LogGeneration(string runId, long generation, int replicas, long step, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "RunAdopted",
        Message = "Run {RunId} is led in term {Term}: {Back} of its {Replicas} replicas reconnected within {Seconds:0.0} s.")]
    private partial void LogTakenOver(string runId, long term, int back, int replicas, double seconds);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaReturned",
        Message = "Replica {ReplicaId} on host {HostId} has reconnected, in generation {Generation}, with step {Step}.")]
    private partial void LogReturned(string replicaId, string hostId, long generation, long step);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaLost",
        Message = "Replica {ReplicaId} of run {RunId} on host {HostId} {Evidence}; another one replaces it as soon as a device is free.")]
    private partial void LogLost(string runId, string replicaId, string hostId, string evidence);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaDeparted",
        Message = "Replica {ReplicaId} of run {RunId} {Evidence}; the others go on without it.")]
    private partial void LogDeparted(string runId, string replicaId, string evidence);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "HostQuarantined",
        Message = "Host {HostId} gets no replicas {Quarantined}; clipd host drain --undo ends that.")]
    private partial void LogQuarantine(string hostId, string quarantined);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "DeviceQuarantined",
        Message = "{Device} of host {HostId} gets no replicas {Quarantined}; clipd host drain --undo ends that.")]
    private partial void LogDeviceQuarantine(string device, string hostId, string quarantined);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "DeviceFaulty",
        Message = "{Device} of host {HostId} is faulty and gets no replicas until its worker connects anew or "
            + "clipd host drain --undo: {Fault}.")]
    private partial void LogDeviceFaulty(string device, string hostId, string fault);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "RowTrial",
        Message = "Replicas of run {RunId} crashed twice near step {Step}: its rows are decoded in a separate process on host {HostId}. "
            + "{Evidence}")]
    private partial void LogTrial(string runId, long step, string hostId, string evidence);

    [LoggerMessage(Level = LogLevel.Information, EventName = "SharesChanged", Message = "Run {RunId}: {Change}")]
    private partial void LogShares(string runId, string change);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaFailed",
        Message = "Replica {ReplicaId} on host {HostId} cannot go on in generation {Generation} ({Kind}): {Errors}")]
    private partial void LogFailure(string replicaId, string hostId, long generation, FailureKind kind, string errors);

    [LoggerMessage(Level = LogLevel.Information, EventName = "GenerationEnds",
        Message = "Generation {Generation} of run {RunId} ends, and the run is {State}{Reason}; its replicas are asked to leave.")]
    private partial void LogEnding(string runId, long generation, string state, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ReplicaKilled",
        Message = "Host {HostId} was ordered to kill replica {ReplicaId}.")]
    private partial void LogKill(string replicaId, string hostId);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaLeftBehind",
        Message = "Host {HostId} has not reported that replica {ReplicaId} ended; its device is released. Check for the process there if "
            + "the host is slow.")]
    private partial void LogLeftBehind(string replicaId, string hostId);
}
