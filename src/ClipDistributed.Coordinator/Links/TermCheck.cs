using Grpc.Core;

namespace ClipDistributed.Coordinator.Links;

/// <summary>A peer that has received a higher term proves that another coordinator has taken over.</summary>
internal static class TermCheck
{
    /// <param name="received">The highest term that the caller has received.</param>
    /// <param name="own">Of this coordinator.</param>
    /// <exception cref="RequestRefusedException">The caller should reconnect: to the other one.</exception>
    public static void Run(long received, long own)
    {
        if (received > own)
            throw new RequestRefusedException(
                StatusCode.Unavailable,
                $"A coordinator of term {received} has taken over from this one, of term {own}; connect again."
            );
    }
}
