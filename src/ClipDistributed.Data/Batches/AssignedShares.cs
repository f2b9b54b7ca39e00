using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Batches;

/// <summary>
/// The shares of each step, as far ahead as they are known. What was said of a step never changes, so reading may run
/// ahead as far as this reaches, and no further. May be used from several threads.
/// </summary>
public sealed class AssignedShares
{
    private readonly Lock gate = new();
    private readonly List<Piece> pieces = [];
    private TaskCompletionSource grown = New();

    /// <summary>The same shares in all steps.</summary>
    public static AssignedShares Always(Shares shares)
    {
        var assigned = new AssignedShares();
        assigned.Add(1, long.MaxValue, shares);
        return assigned;
    }

    /// <param name="first">Follows the last assigned step; the first piece may begin anywhere.</param>
    public void Add(long first, long last, Shares shares)
    {
        lock (gate)
        {
            if (last < first || pieces.Count > 0 && first != pieces[^1].Last + 1)
                throw new ArgumentOutOfRangeException(nameof(first), $"Steps {first} to {last} do not follow step {pieces[^1].Last}.");
            pieces.Add(new Piece(first, last, shares));
            grown.SetResult();
            grown = New();
        }
    }

    /// <summary>The shares of a step, once they are known.</summary>
    public async Task<Shares> AtAsync(long step, CancellationToken cancel)
    {
        while (true)
        {
            Task more;
            lock (gate)
            {
                if (pieces.FindLast(piece => piece.First <= step && step <= piece.Last) is { } found)
                    return found.Shares;
                more = grown.Task;
            }
            await more.WaitAsync(cancel);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Piece(long First, long Last, Shares Shares);
}
