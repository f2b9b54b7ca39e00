using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// Makes a run's state durable and publishes it: at once where actions wait for it, else at intervals. Belongs to the
/// run's loop.
/// </summary>
internal sealed class RunSaver(RunJournal journal, ActiveRun run)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private RunRow saved = journal.Row;
    private TimeSpan shownAt;
    private bool isStale; // what is published

    /// <summary>When to save or publish next; null: nothing is new.</summary>
    public TimeSpan? Due => isStale ? shownAt + Interval : null;

    /// <summary>An input may have changed what is published.</summary>
    public void OnInput() => isStale = true;

    /// <param name="isAwaited">Actions wait for all changes.</param>
    /// <returns>False: nothing was saved or published.</returns>
    public async Task<bool> SaveAsync(bool isAwaited, TimeSpan now, CancellationToken cancel)
    {
        var row = run.ToRow();
        bool isUrgent = isAwaited || run.HasUrgentNews || !row.HasFactsOf(saved);
        isStale |= run.HasNews || run.WaitingSince is not null; // where it waits, its time goes on
        if (!isUrgent && !(now >= Due))
            return false;
        if (isUrgent || run.HasNews)
        {
            run.OnSaved(await journal.SaveAsync(row, run.DescribeMembers(), cancel));
            saved = row;
        }
        else
        {
            journal.Show(row, run.DescribeMembers());
        }
        return true;
    }

    /// <summary>It was saved or published.</summary>
    public void OnShown(TimeSpan now) => (isStale, shownAt) = (false, now);
}
