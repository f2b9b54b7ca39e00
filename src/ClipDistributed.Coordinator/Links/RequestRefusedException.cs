using Grpc.Core;

namespace ClipDistributed.Coordinator.Links;

/// <summary>A request that this coordinator refuses; the text says why and what to do.</summary>
internal sealed class RequestRefusedException(StatusCode status, string text) : Exception(text)
{
    public StatusCode Status { get; } = status;

    /// <summary>The host, replica or run that the caller claimed without being allowed to, for the audit; null: it claimed
    /// none.</summary>
    public string? Claimed { get; init; }

    public static RequestRefusedException NotFound(string text) => new(StatusCode.NotFound, text);

    public static RequestRefusedException WrongState(string text) => new(StatusCode.FailedPrecondition, text);
}
