using Microsoft.Extensions.Logging;

namespace ClipDistributed.WorkerHost;

public sealed partial class Worker
{
    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "HostOffers",
        Message = "Host {HostId} offers {Devices}."
    )]
    private partial void LogOffer(string hostId, string devices);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "DataPlanePlaintext",
        Message = "Replicas exchange embeddings, gradients and weights over {Address} ({Interface}) in plaintext, which Gloo and NCCL "
            + "cannot encrypt: keep that network private."
    )]
    private partial void LogPlaintext(string address, string @interface);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "GpusNotOffered", Message = "{Notice}")]
    private partial void LogNotOffered(string notice);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "SharedMemorySmall", Message = "{Notice}")]
    private partial void LogSharedMemory(string notice);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "HostDrains",
        Message = "This host drains: its replicas leave at the next step boundary, or are killed after {Seconds:0} s."
    )]
    private partial void LogDrain(double seconds);

    [LoggerMessage(Level = LogLevel.Information, EventName = "CoordinatorConnected", Message = "Connected to coordinator {Coordinator}.")]
    private partial void LogConnected(string coordinator);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "CoordinatorUnreachable",
        Message = "Coordinator {Coordinator} cannot be reached ({Reason}); next attempt in {Seconds} s."
    )]
    private partial void LogUnreachable(string coordinator, string reason, int seconds);

    [LoggerMessage(Level = LogLevel.Error, EventName = "HostRefused",
        Message = "This host is refused by {Refusal}. Its replicas go on, and it gets no others. Its token is read from {TokenFile}, and "
            + "certificates from their files, at the next attempt, in {Seconds} s: put a valid one there.")]
    private partial void LogRefused(string refusal, string tokenFile, int seconds);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "TokenUnreadable",
        Message = "{Reason} Until it can be read this host asks the coordinator without a token.")]
    private partial void LogNoToken(string reason);
}
