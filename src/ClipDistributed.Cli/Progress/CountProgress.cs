using ClipDistributed.Cli.Terminals;

namespace ClipDistributed.Cli.Progress;

/// <summary>A bar on a terminal; in a log it would be noise.</summary>
internal static class CountProgress
{
    /// <param name="work">Is given what to report done and total to; null where no terminal shows it.</param>
    public static async Task<T> ShowAsync<T>(string title, Func<Action<int, int>?, Task<T>> work)
    {
        var status = StatusLine.Current;
        if (!status.IsOnTerminal)
            return await work(null);
        status.Show(0, title);
        try
        {
            return await work(
                (done, total) =>
                    status.Show(done / (double)Math.Max(1, total), FormattableString.Invariant($"{title}: {done:N0} of {total:N0}"))
            );
        }
        finally
        {
            status.End();
        }
    }
}
