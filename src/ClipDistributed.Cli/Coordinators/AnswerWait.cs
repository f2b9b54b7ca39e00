using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>The wait for an answer: a coordinator that hangs takes calls all the same.</summary>
/// <param name="silent">After so long it is said whose answer is awaited.</param>
/// <param name="errors">Where that is said.</param>
internal sealed class AnswerWait(CoordinatorAddresses addresses, TimeProvider time, TimeSpan silent, TextWriter errors)
{
    private bool isSaid;

    /// <summary>As commands wait: on a terminal a user reads of it soon, in a script's output only of a wait that lasts.</summary>
    public static AnswerWait OfCommand(CoordinatorAddresses addresses, TimeProvider time) =>
        new(addresses, time, TimeSpan.FromSeconds(Console.IsErrorRedirected ? 10 : 2), Console.Error);

    /// <summary>Of one question, all tries together; null: none.</summary>
    public TimeSpan? Limit { get; set; } = TimeSpan.FromMinutes(1);

    /// <param name="asked">When the question was asked first, a timestamp.</param>
    /// <exception cref="CoordinatorException">The answer did not come in time.</exception>
    public async Task<T> ForAsync<T>(Task<T> answer, long asked, CancellationToken cancel)
    {
        await SayAsync(answer, cancel);
        if (Limit is not { } limit)
            return await answer.WaitAsync(cancel);
        try
        {
            var left = limit - time.GetElapsedTime(asked);
            return await answer.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancel);
        }
        catch (TimeoutException)
        {
            throw new CoordinatorException(
                $"coordinator {addresses.Current} has taken the call and not answered within {limit.TotalSeconds:0} s: it may hang, or its "
                    + "store may be unavailable; its log says more, and clipd run list shows later whether it did it",
                ExitCodes.Unavailable);
        }
    }

    private async Task SayAsync(Task answer, CancellationToken cancel)
    {
        if (isSaid || await Task.WhenAny(answer, Task.Delay(silent, time, cancel)) == answer || cancel.IsCancellationRequested)
            return;
        isSaid = true;
        await errors.WriteLineAsync($"waiting for the answer of coordinator {addresses.Current}; Ctrl-C ends that");
    }
}
