using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Hosts;

internal sealed partial class HostEffects
{
    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaOfAnotherHost",
        Message = "Host {HostId} sent a message about replica {ReplicaId}, which runs on host {Owner}; it was ignored, as were "
            + "{Before} such messages before it since the last such line."
    )]
    private partial void LogForeign(string hostId, string replicaId, string owner, long before);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "HostJoined",
        Message = "Host {HostId} joined from {Peer}, devices: "
            + "{Devices}; waiting runs are placed on them (lines suppressed before this one: {Before})."
    )]
    private partial void LogJoined(string hostId, string peer, int devices, long before);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "HostLeft",
        Message = "Host {HostId} is lost; its devices are not offered "
            + "until it reconnects (lines suppressed before this one: {Before})."
    )]
    private partial void LogLeft(string hostId, long before);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "DeviceFaulty",
        Message = "{Device} of host {HostId} is faulty and gets no replicas until that ends: {Fault}."
    )]
    private partial void LogFaulty(string device, string hostId, string fault);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "DeviceUsable",
        Message = "{Device} of host {HostId} is no longer faulty; waiting runs are placed on it."
    )]
    private partial void LogUsable(string device, string hostId);

    [LoggerMessage(Level = LogLevel.Information, EventName = "HostDrained", Message = "Host {HostId} {Drained}.")]
    private partial void LogDrain(string hostId, string drained);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "ReplicaExited",
        Message = "Replica {ReplicaId} on host {HostId} exited with code {ExitCode}; its device is free once its run has processed that."
    )]
    private partial void LogExited(string replicaId, string hostId, int exitCode);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "ReplicaLine",
        Message = "Replica {ReplicaId} on host {HostId} printed: {Text}"
    )]
    private partial void LogLine(string replicaId, string hostId, string text);
}
