using System.Collections.Concurrent;
using System.Globalization;
using ClipDistributed.TestKit.Logs;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>What a cluster logs: all events, the errors among them, and the process ids of replicas.</summary>
internal sealed class ClusterLog : ILoggerProvider
{
    private readonly ConcurrentQueue<LoggedEvent> events = new();
    private volatile TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<LoggedEvent> Events => [.. events];

    /// <summary>No test expects one.</summary>
    public IReadOnlyList<string> Errors => [.. events.Where(one => one.Level >= LogLevel.Error).Select(one => one.Text)];

    /// <summary>For the message of a failed test.</summary>
    public string Text => string.Join('\n', events.Select(one => $"{one.Level} {one.Name}: {one.Text}"));

    /// <summary>Process ids of all replicas that were ever started, by replica id.</summary>
    public IReadOnlyDictionary<string, int> Processes =>
        events
            .Where(one => one.Is("ReplicaStarted"))
            .GroupBy(one => one["ReplicaId"])
            .ToDictionary(starts => starts.Key, starts => int.Parse(starts.Last()["ProcessId"], CultureInfo.InvariantCulture));

    /// <summary>Waits until an event of this name with these properties was logged, and returns the first one.</summary>
    public Task<LoggedEvent> WaitAsync(string name, params (string Property, object Value)[] values) =>
        FirstAsync($"{name} {string.Join(' ', values)}", logged => logged.FirstOrDefault(one => one.Is(name, values)));

    /// <summary>Waits until an event of this name was logged after another one.</summary>
    public Task<LoggedEvent> WaitAfterAsync(LoggedEvent earlier, string name) =>
        FirstAsync(
            $"{name} after {earlier.Name}",
            logged => logged.SkipWhile(one => !ReferenceEquals(one, earlier)).FirstOrDefault(one => one.Is(name)));

    /// <summary>A line of another process.</summary>
    public void Take(string? line)
    {
        if (line is not null)
            Add(LoggedEvent.Parse(line));
    }

    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    public ILogger<T> For<T>(string host) => new HostRecorder<T>(new Recorder(this, host));

    public void AddTo(ILoggingBuilder logging) => logging.AddProvider(this);

    public void Dispose()
    {
        // Nothing is held.
    }

    private async Task<LoggedEvent> FirstAsync(string wanted, Func<IEnumerable<LoggedEvent>, LoggedEvent?> find)
    {
        using var late = new CancellationTokenSource(LiveCluster.Patience);
        while (true)
        {
            var next = changed; // before the look: an event that comes meanwhile completes it
            if (find(events) is { } found)
                return found;
            await next.Task.WaitAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.False(late.IsCancellationRequested, $"{wanted} was not logged:\n{Text}");
        }
    }

    private void Add(LoggedEvent logged)
    {
        events.Enqueue(logged);
        Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private sealed class Recorder(ClusterLog log, string category) : ILogger
    {
        private readonly LogLevel minimum =
            category.StartsWith("ClipDistributed", StringComparison.Ordinal) || !category.Contains('.')
                ? LogLevel.Information
                : LogLevel.Warning;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (!IsEnabled(logLevel))
                return;
            var values = (state as IEnumerable<KeyValuePair<string, object?>> ?? []).ToDictionary(
                value => value.Key,
                value => string.Create(CultureInfo.InvariantCulture, $"{value.Value}"));
            log.Add(new LoggedEvent(logLevel, eventId.Name ?? "", values, $"{category}: {formatter(state, exception)} {exception}"));
        }
    }

    private sealed class HostRecorder<T>(ILogger inner) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => inner.Log(logLevel, eventId, state, exception, formatter);
    }
}
