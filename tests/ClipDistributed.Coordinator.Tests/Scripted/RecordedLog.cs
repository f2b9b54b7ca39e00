using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>Keeps what a coordinator logs.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> errors = new();
    private readonly ConcurrentQueue<string> warnings = new();
    private readonly ConcurrentQueue<string> notes = new();
    private volatile TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<string> Errors => [.. errors];

    public IReadOnlyList<string> Warnings => [.. warnings];

    /// <summary>Below warnings.</summary>
    public IReadOnlyList<string> Notes => [.. notes];

    public void AddTo(ILoggingBuilder logging) => logging.AddProvider(this);

    /// <summary>Waits until a warning holds this text.</summary>
    public async Task WarnedAsync(string part)
    {
        using var late = new CancellationTokenSource(TestCoordinator.Patience);
        while (true)
        {
            var next = changed; // before the look: a warning that comes meanwhile completes it
            if (warnings.Any(line => line.Contains(part, StringComparison.Ordinal)))
                return;
            await next.Task.WaitAsync(late.Token);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    public void Dispose()
    {
        // Nothing is held.
    }

    private void Take(LogLevel level, string line)
    {
        (level >= LogLevel.Error ? errors : level == LogLevel.Warning ? warnings : notes).Enqueue(line);
        Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
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
            if (IsEnabled(logLevel))
                log.Take(logLevel, $"{category}: {formatter(state, exception)} {exception}");
        }
    }
}
