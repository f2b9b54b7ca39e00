using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

internal sealed partial class RunTable
{
    [LoggerMessage(Level = LogLevel.Information, EventName = "RunTakenOver",
        Message = "Run {RunId} was {State} in generation {Generation} when the last coordinator ended; that of term {Term} takes it over.")]
    private partial void LogTakenOver(string runId, string state, long generation, long term);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "RunDamaged",
        Message = "What the store holds of run {RunId} is damaged ({Damage}); the run is marked failed, and the others are not affected.")]
    private partial void LogDamaged(string runId, string damage);

    [LoggerMessage(Level = LogLevel.Information, EventName = "RunDeleted",
        Message = "Run {RunId} was deleted by a user; its directory stays.")]
    private partial void LogDeleted(string runId);

    [LoggerMessage(Level = LogLevel.Information, EventName = "RunLeft",
        Message = "The coordinator ends before run {RunId}; its replicas train on, and the next coordinator with this store takes over.")]
    private partial void LogLeft(string runId);

    [LoggerMessage(Level = LogLevel.Error, EventName = "RunBroken",
        Message = "The loop of run {RunId} failed; the run is marked failed.")]
    private partial void LogBroken(Exception bug, string runId);
}
