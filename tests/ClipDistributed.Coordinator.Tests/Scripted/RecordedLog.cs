using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>Records the events that a coordinator logs.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<LoggedEvent> events = new();
    private volatile TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<string> Errors => [.. events.Where(one => one.Level >= LogLevel.Error).Select(one => one.Line)];

    public IReadOnlyList<string> Warnings => [.. events.Where(one => one.Level == LogLevel.Warning).Select(one => one.Line)];

    public int CountOf(string name) => events.Count(one => one.Name == name);

    public void AddTo(ILoggingBuilder logging) => logging.AddProvider(this);

    /// <summary>Waits until an event of this name was logged, with these values among its own.</summary>
    public async Task UntilAsync(string name, params (string Name, object Value)[] values)
    {
        using var late = new CancellationTokenSource(TestCoordinator.Patience);
        while (true)
        {
            var next = changed; // before the look: an event that comes meanwhile completes it
            if (events.Any(one => one.Name == name && Array.TrueForAll(values, one.Has)))
                return;
            await next.Task.WaitAsync(late.Token);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    public void Dispose()
    {
        // Nothing is held.
    }

    private void Add(LoggedEvent logged)
    {
        events.Enqueue(logged);
        Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private sealed record LoggedEvent(LogLevel Level, string? Name, Dictionary<string, object?> Values, string Line)
    {
        public bool Has((string Name, object Value) expected) => expected.Value.Equals(Values.GetValueOrDefault(expected.Name));
    }

    private sealed class Recorder(RecordedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

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
            var values = new Dictionary<string, object?>(StringComparer.Ordinal);
            foreach (var (name, value) in state as IReadOnlyList<KeyValuePair<string, object?>> ?? [])
                values[name] = value;
            log.Add(new LoggedEvent(logLevel, eventId.Name, values, $"{category}: {formatter(state, exception)} {exception}"));
        }
    }
}
