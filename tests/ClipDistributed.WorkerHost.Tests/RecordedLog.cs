using ClipDistributed.TestKit.Coordinators;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.WorkerHost.Tests;

/// <summary>Records the events that a worker host logs.</summary>
internal sealed class RecordedLog : ILogger<Worker>
{
    private readonly Lock gate = new();
    private readonly List<LoggedEvent> events = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>An event of this name was logged, with these values among its own.</summary>
    public bool Has(string name, params (string Name, object Value)[] values)
    {
        lock (gate)
            return events.Exists(one => one.Name == name && Array.TrueForAll(values, one.Has));
    }

    public async Task UntilAsync(string name, params (string Name, object Value)[] values)
    {
        while (true)
        {
            Task next;
            lock (gate)
                next = changed.Task;
            if (Has(name, values))
                return;
            try
            {
                await next.WaitAsync(HostCall.Patience);
            }
            catch (TimeoutException)
            {
                lock (gate)
                    Assert.Fail($"{name} was not logged:\n{string.Join('\n', events)}");
            }
        }
    }

    public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> format)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in state as IReadOnlyList<KeyValuePair<string, object?>> ?? [])
            values[name] = value;
        lock (gate)
        {
            events.Add(new LoggedEvent(id.Name, values, format(state, exception)));
            changed.SetResult();
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public bool IsEnabled(LogLevel level) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    private sealed record LoggedEvent(string? Name, Dictionary<string, object?> Values, string Line)
    {
        public bool Has((string Name, object Value) expected) => expected.Value.Equals(Values.GetValueOrDefault(expected.Name));

        public override string ToString() => Line;
    }
}
