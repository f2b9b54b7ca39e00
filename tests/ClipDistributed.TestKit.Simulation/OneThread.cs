using System.Collections.Concurrent;
using System.Diagnostics;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>Runs everything that is awaited on the thread of the test, one after the other, so that a seed always gives the same.</summary>
internal sealed class OneThread : SynchronizationContext, IDisposable
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> waiting = [];
    private readonly SynchronizationContext? before = Current;

    /// <summary>Receives how long each piece of work took; null: none.</summary>
    public Action<TimeSpan>? Watch { get; set; }

    public OneThread() => SetSynchronizationContext(this);

    public override void Post(SendOrPostCallback d, object? state) => waiting.Add((d, state));

    /// <summary>Until nothing is left to do.</summary>
    public void Run()
    {
        while (waiting.TryTake(out var next))
        {
            long began = Watch is null ? 0 : Stopwatch.GetTimestamp();
            next.Callback(next.State);
            Watch?.Invoke(Stopwatch.GetElapsedTime(began));
        }
    }

    /// <summary>Until a task has ended that other threads take part in.</summary>
    public void Run(Task task)
    {
        for (long began = Stopwatch.GetTimestamp(); !task.IsCompleted;)
        {
            if (waiting.TryTake(out var next, TimeSpan.FromMilliseconds(1)))
                next.Callback(next.State);
            else if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(30))
                throw new TimeoutException("It did not end.");
        }
        Run();
    }

    public void Dispose()
    {
        SetSynchronizationContext(before);
        waiting.Dispose();
    }
}
