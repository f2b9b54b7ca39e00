using Spectre.Console;

namespace ClipDistributed.Cli.Progress;

/// <summary>A bar on a terminal; in a log it would be noise.</summary>
internal static class CountProgress
{
    /// <param name="work">Is given what to tell done and total to; null where nobody looks.</param>
    public static Task<T> ShowAsync<T>(string title, Func<Action<int, int>?, Task<T>> work)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return work(null);
        return AnsiConsole.Progress().AutoClear(true).StartAsync(context =>
        {
            var bar = context.AddTask(title);
            return work((done, total) => bar.MaxValue(Math.Max(1, total)).Value(done));
        });
    }
}
