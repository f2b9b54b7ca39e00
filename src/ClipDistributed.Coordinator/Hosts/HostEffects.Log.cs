using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Hosts;

internal sealed partial class HostEffects
{
    [LoggerMessage(Level = LogLevel.Warning, EventName = "ReplicaOfAnotherHost",
        Message = "Host {HostId} sent a message about replica {ReplicaId}, which runs on host {Owner}; it was ignored{LeftOut}."
    )]
    private partial void LogForeign(string hostId, string replicaId, string owner, string leftOut);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "HostJoined",
        Message = "Host {HostId} joined from {Peer}, devices: "
            + "{Devices}; waiting runs are placed on them{LeftOut}."
    )]
    private partial void LogJoined(string hostId, string peer, int devices, string leftOut);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "HostLeft",
        Message = "Host {HostId} is lost; its devices are not offered "
            + "until it reconnects{LeftOut}."
    )]
    private partial void LogLeft(string hostId, string leftOut);

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
        Message = "Replica {ReplicaId} on host {HostId} {How}; its device is free once its run has processed that."
    )]
    private partial void LogExited(string replicaId, string hostId, string how);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "ReplicaLine",
        Message = "Replica {ReplicaId} on host {HostId} printed: {Text}"
    )]
    private partial void LogLine(string replicaId, string hostId, string text);
}
