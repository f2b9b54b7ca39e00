using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Batches;

/// <summary>
/// The shares of each step, as far ahead as they are known. What was said of a step never changes, so reading may run
/// ahead as far as this reaches, and no further. The coordinator, which assigns them, may be unavailable for a while: then the last
/// ones stay in force. May be used from several threads.
/// </summary>
/// <param name="patience">How long the next piece is waited for before the last one is taken to go on; null: for ever.</param>
public sealed class AssignedShares(TimeSpan? patience = null, TimeProvider? time = null)
{
    private const int StepsAlone = 32; // that it goes on by at once

    private readonly Lock gate = new();
    private readonly List<Piece> pieces = [];
    private TaskCompletionSource grown = New();
    private bool isAlone; // nothing has been said since the last time that it was waited for in vain

    /// <summary>The same shares in all steps.</summary>
    public static AssignedShares Always(Shares shares)
    {
        var assigned = new AssignedShares();
        assigned.Add(1, long.MaxValue, shares);
        return assigned;
    }

    /// <param name="first">Behind the last assigned step at most; the first piece may begin anywhere.</param>
    /// <returns>False: a step that was assigned before would get other shares; nothing is changed.</returns>
    public bool Add(long first, long last, Shares shares)
    {
        lock (gate)
        {
            long next = pieces.Count > 0 ? pieces[^1].Last + 1 : first;
            if (last < first || first > next)
                throw new ArgumentOutOfRangeException(nameof(first), $"Steps {first} to {last} do not follow step {next - 1}.");
            if (pieces.Any(piece => piece.First <= last && first <= piece.Last && !piece.Shares.Rows.SequenceEqual(shares.Rows)))
                return false;
            isAlone = false;
            if (last >= next)
                Extend(new Piece(next, last, shares));
            return true;
        }
    }

    /// <summary>Some of these steps had no assignment yet, and the last shares were taken to go on.</summary>
    public bool WentAlone(long first, long last)
    {
        lock (gate)
            return pieces.Any(piece => piece.IsAlone && piece.First <= last && first <= piece.Last);
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
                if (isAlone)
                {
                    Extend(new Piece(pieces[^1].Last + 1, pieces[^1].Last + StepsAlone, pieces[^1].Shares, IsAlone: true));
                    continue;
                }
                more = grown.Task;
            }
            try
            {
                await more.WaitAsync(patience ?? Timeout.InfiniteTimeSpan, time ?? TimeProvider.System, cancel);
            }
            catch (TimeoutException)
            {
                lock (gate)
                    isAlone = pieces.Count > 0 && !more.IsCompleted; // before the first piece the shares are not known
            }
        }
    }

    private void Extend(Piece piece)
    {
        pieces.Add(piece);
        grown.SetResult();
        grown = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Piece(long First, long Last, Shares Shares, bool IsAlone = false);
}
