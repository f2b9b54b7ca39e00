using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>What a cluster logs: every line for a failed test's message, the errors, and the process ids of replicas.</summary>
internal sealed class ClusterLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> lines = new();
    private readonly ConcurrentQueue<string> errors = new();
    private readonly ConcurrentDictionary<string, int> processes = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> announced = [];
    private volatile TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Errors that the test has not announced.</summary>
    public IReadOnlyList<string> StrayErrors =>
        [.. errors.Where(error => !announced.Any(part => error.Contains(part, StringComparison.Ordinal)))];

    public string All => string.Join('\n', lines);

    /// <summary>Process ids of all replicas that were ever started, by replica id.</summary>
    public IReadOnlyDictionary<string, int> Processes => processes;

    /// <summary>An error that holds this text is part of the test.</summary>
    public void Announce(string part) => announced.Add(part);

    /// <summary>Waits until a line holds this text.</summary>
    public async Task WaitAsync(string part, TimeSpan patience)
    {
        using var late = new CancellationTokenSource(patience);
        while (true)
        {
            var next = changed; // before the look: a line that comes meanwhile completes it
            if (lines.Any(line => line.Contains(part, StringComparison.Ordinal)))
                return;
            await next.Task.WaitAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.False(late.IsCancellationRequested, $"'{part}' was not logged:\n{All}");
        }
    }

    /// <summary>A line of another process.</summary>
    public void Take(string? line)
    {
        if (line is null)
            return;
        lines.Enqueue(line);
        Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    public ILogger<T> For<T>(string host) => new HostRecorder<T>(new Recorder(this, host));

    public void AddTo(ILoggingBuilder logging) => logging.AddProvider(this);

    public void Dispose()
    {
        // Nothing is held.
    }

    private void Take(LogLevel level, string category, EventId id, IEnumerable<KeyValuePair<string, object?>>? values, string text)
    {
        string line = $"{level} {category}: {text}";
        lines.Enqueue(line);
        if (level >= LogLevel.Error)
            errors.Enqueue(line);
        if (id.Name == "ReplicaStarted" && values is not null)
        {
            var named = values.ToDictionary(value => value.Key, value => value.Value);
            processes[(string)named["ReplicaId"]!] = (int)named["ProcessId"]!;
        }
        Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private sealed class Recorder(ClusterLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel
            >= (
                category.StartsWith("ClipDistributed", StringComparison.Ordinal) || !category.Contains('.')
                    ? LogLevel.Information
                    : LogLevel.Warning
            );

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
                log.Take(
                    logLevel,
                    category,
                    eventId,
                    state as IEnumerable<KeyValuePair<string, object?>>,
                    $"{formatter(state, exception)} {exception}"
                );
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
