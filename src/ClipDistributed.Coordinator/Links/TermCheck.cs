using Grpc.Core;

namespace ClipDistributed.Coordinator.Links;

/// <summary>Who has heard a higher term knows that this coordinator has been followed by another.</summary>
internal static class TermCheck
{
    /// <param name="heard">The highest term that the caller has heard.</param>
    /// <param name="own">Of this coordinator.</param>
    /// <exception cref="RequestRefusedException">The caller should connect again: to the other one.</exception>
    public static void Run(long heard, long own)
    {
        if (heard > own)
            throw new RequestRefusedException(
                StatusCode.Unavailable,
                $"A coordinator of term {heard} has taken over from this one, of term {own}; connect again."
            );
    }
}
