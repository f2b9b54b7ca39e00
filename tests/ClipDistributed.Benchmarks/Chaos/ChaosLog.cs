using ClipDistributed.TestKit.Logs;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>What the coordinator and the hosts log: in a file, to look at after a failure, and as events.</summary>
internal sealed class ChaosLog : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<(string From, LoggedEvent Event)> events = [];
    private readonly StreamWriter file;

    public ChaosLog(string folder)
    {
        Path = System.IO.Path.Combine(folder, "log.txt");
        file = new StreamWriter(Path, append: true) { AutoFlush = true };
    }

    public string Path { get; }

    /// <summary>So many have come.</summary>
    public int Count
    {
        get
        {
            lock (events)
                return events.Count;
        }
    }

    public LoggedEvent Take(string from, string line)
    {
        var logged = LoggedEvent.Parse(line);
        lock (events)
        {
            file.WriteLine($"{from}: {line}");
            events.Add((from, logged));
            Monitor.PulseAll(events);
        }
        return logged;
    }

    /// <summary>Of one process, in their order.</summary>
    public IReadOnlyList<LoggedEvent> Of(string from)
    {
        lock (events)
            return [.. events.Where(one => one.From == from).Select(one => one.Event)];
    }

    /// <summary>Waits for an event after so many others.</summary>
    public void Wait(int after, string from, string name, params (string Property, object Value)[] values)
    {
        var until = DateTime.UtcNow + Patience;
        lock (events)
        {
            while (!events.Skip(after).Any(one => one.From == from && one.Event.Is(name, values)))
            {
                if (!Monitor.Wait(events, Patience) || DateTime.UtcNow > until)
                    throw new TimeoutException($"{from} did not log {name} within {Patience.TotalSeconds:0} s; see {Path}.");
            }
        }
    }

    public void Dispose()
    {
        lock (events)
            file.Dispose();
    }
}
