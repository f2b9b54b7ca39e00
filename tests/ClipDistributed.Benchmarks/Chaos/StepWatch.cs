using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>When each step and each new generation of a run was recorded, seen from outside: its files, a hundred times a second.</summary>
internal sealed partial class StepWatch : IDisposable
{
    private const int Tail = 4096; // holds the last step's line

    private readonly RunDirectory directory;
    private readonly Lock gate = new();
    private readonly List<(long Step, TimeSpan At)> steps = [];
    private readonly List<Regrouped> generations = [];
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Thread thread;
    private long read; // of the events
    private volatile bool isOver;

    public StepWatch(RunDirectory directory)
    {
        this.directory = directory;
        thread = new Thread(Watch) { IsBackground = true };
        thread.Start();
    }

    public TimeSpan Now => clock.Elapsed;

    /// <summary>In the order in which they were recorded; one that was computed again is there twice.</summary>
    public IReadOnlyList<(long Step, TimeSpan At)> Steps
    {
        get
        {
            lock (gate)
                return [.. steps];
        }
    }

    public IReadOnlyList<Regrouped> Generations
    {
        get
        {
            lock (gate)
                return [.. generations];
        }
    }

    /// <summary>The first step after another one that was recorded since a moment, as soon as there is one.</summary>
    public (long Step, TimeSpan At) After(long step, TimeSpan since) =>
        Until(
            () => Steps.Where(seen => seen.At > since && seen.Step > step).Select(seen => ((long, TimeSpan)?)seen).FirstOrDefault(),
            $"a step after {step}"
        );

    /// <summary>
    /// The most steps that one of the generations after the first ones computed again, the one in work included; those after
    /// a checkpoint, where all who held the state were lost.
    /// </summary>
    public long RecomputedSince(int generations)
    {
        var (groups, seen) = (Generations, Steps);
        return groups.Select((group, i) => Before(i) + 1 - group.Start).Skip(generations).Append(0).Max();

        // As far as the generation before it had come: its file is cut before the next one is recorded.
        long Before(int i)
        {
            var (start, since) = i == 0 ? (0, TimeSpan.Zero) : (groups[i - 1].Start, groups[i - 1].At);
            return seen.Where(step => step.At >= since && step.At < groups[i].At).Select(step => step.Step).Append(start).Max();
        }
    }

    /// <summary>What the run's file holds in the end.</summary>
    public static IReadOnlyList<StepMetrics> Recorded(RunDirectory directory) =>
        [.. File.ReadLines(directory.Metrics).Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>()];

    /// <summary>The value, as soon as there is one.</summary>
    public static T Until<T>(Func<T?> find, string what, TimeSpan? patience = null)
        where T : struct
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < (patience ?? TimeSpan.FromMinutes(2)))
        {
            if (find() is { } found)
                return found;
            Thread.Sleep(10);
        }
        throw new TimeoutException($"{what} did not come.");
    }

    public void Dispose()
    {
        isOver = true;
        thread.Join();
    }

    private void Watch()
    {
        while (!isOver)
        {
            lock (gate)
            {
                if (LastStep() is { } step && (steps.Count == 0 || steps[^1].Step != step))
                    steps.Add((step, Now));
                ReadEvents();
            }
            Thread.Sleep(10);
        }
    }

    private long? LastStep()
    {
        if (!File.Exists(directory.Metrics))
            return null;
        using var file = Open(directory.Metrics);
        file.Seek(-Math.Min(Tail, file.Length), SeekOrigin.End);
        using var reader = new StreamReader(file);
        string text = reader.ReadToEnd();
        int end = text.LastIndexOf('\n');
        return end < 0 ? null : text[..end].Split('\n')
            .Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>().LastOrDefault()?.Step;
    }

    private void ReadEvents()
    {
        if (!File.Exists(directory.Events))
            return;
        using var file = Open(directory.Events);
        file.Seek(read, SeekOrigin.Begin);
        byte[] bytes = new byte[file.Length - read];
        file.ReadExactly(bytes);
        int end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        read += end;
        foreach (
            var match in Encoding
                .UTF8.GetString(bytes, 0, end)
                .Split('\n')
                .Select(line => Regrouping().Match(line))
                .Where(match => match.Success)
        )
            generations.Add(new Regrouped(Number(match, 1), Number(match, 2), (int)Number(match, 3), Now));
    }

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    // No lock: the run may rewrite its files at any time.
    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    [GeneratedRegex(@"Generation (\d+) goes on after step (\d+) with (\d+) replica")]
    private static partial Regex Regrouping();

    /// <summary>A generation that followed another one.</summary>
    /// <param name="Start">The step that it goes on from.</param>
    internal readonly record struct Regrouped(long Number, long Start, int Replicas, TimeSpan At);
}
