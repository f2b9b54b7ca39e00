using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Streams;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>The loops of a coordinator among hosts and replicas of which nothing is real but the protocol: all that happens follows from a seed.</summary>
internal sealed class SimulatedCluster : IDisposable
{
    private readonly CoordinatorOptions options;
    private readonly Random random;
    private readonly string name;
    private readonly Queue<string> trace = [];
    private readonly StoreFaults faults = new();
    private readonly SimulatedStore store = new();
    private readonly List<SimulatedCoordinator> all = []; // coordinators that were ever started

    public SimulatedCluster(CoordinatorOptions options, int seed, int hosts = 3, int processors = 2)
    {
        (this.options, random, name) = (options, new Random(seed), $"seed-{seed}");
        Workers = [.. Enumerable.Range(0, hosts).Select(host => new SimulatedHost(this, hosts <= 26 ? $"{(char)('a' + host)}" : $"h{host:0000}", processors))];
        Coordinator = NewCoordinator();
    }

    /// <summary>The one that leads; null: none does. One that was followed while it stood still may run besides.</summary>
    public SimulatedCoordinator? Coordinator { get; private set; }

    /// <summary>Of the last coordinator that was started.</summary>
    public long Term => all[^1].Term;

    /// <summary>What failed first; null: nothing did.</summary>
    public Exception? Broken { get; set; }

    /// <summary>Sees what happens; null: nobody does, and the last of it is told with a failure.</summary>
    public Action<string>? Tracer { get; set; }

    /// <summary>Of the runs' samples.</summary>
    public StreamOrder Order { get; init; } = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);

    /// <summary>How many have crashed.</summary>
    public int Crashes { get; private set; }

    /// <summary>Replicas that end before they are ready.</summary>
    public Func<SimulatedReplica, bool> DiesLoading { get; set; } = _ => false;

    /// <summary>The members of generations that do not find each other.</summary>
    public Func<SimulatedGroup, bool> FindsNobody { get; set; } = _ => false;

    /// <summary>What becomes of a process that decodes rows.</summary>
    public Func<Trial, (int Code, int Begun)> Try { get; set; } = trial => (0, trial.Rows.Count);

    public OneThread Thread { get; } = new();

    public SimulatedTime Time { get; } = new();

    public IReadOnlyList<SimulatedHost> Workers { get; }

    public List<SimulatedRun> Runs { get; } = [];

    /// <summary>All that were ever started.</summary>
    public List<SimulatedReplica> Replicas { get; } = [];

    /// <summary>Hosts say nothing here unless something happens.</summary>
    public static CoordinatorOptions Options(string stateDirectory) => new()
    {
        StateDirectory = stateDirectory,
        HostSilence = TimeSpan.FromDays(1),
        RendezvousTimeout = TimeSpan.FromSeconds(30),
        AssignmentHorizon = 16,
    };

    public void Submit(int min, int max, long steps, int waitMinutes = 30)
    {
        string runId = $"{name}-{Runs.Count + 1}";
        var row = new RunRow { RunId = runId, JobId = name, Name = name, Number = Runs.Count + 1, RunDirectory = options.StateDirectory, Steps = steps, Submitted = Time.GetUtcNow().UtcDateTime };
        Thread.Run(Coordinator!.Store.AddAsync(new JobRow { JobId = name, Name = name, RunDirectory = "/none", Submitted = row.Submitted, Spec = [] }, row));
        var run = new SimulatedRun(this, row, new RunWork(new RunNeed(runId, min, max), Order, ShareUnit: 1, TimeSpan.FromMinutes(waitMinutes), RebalanceAbove: 0.15));
        Runs.Add(run);
        run.Lead(Coordinator, row, RunHistory.None, records: 0);
    }

    /// <summary>The process is gone; another one starts with the same store some time later.</summary>
    public void Crash(TimeSpan away)
    {
        if (Coordinator is not { } crashed)
            return;
        Trace($"the coordinator of term {crashed.Term} crashes");
        Crashes++;
        Coordinator = null;
        End(crashed);
        Time.After(away, Restart);
    }

    /// <summary>A coordinator's process stands still for a while: pings are not answered.</summary>
    public void StopCoordinator(TimeSpan duration)
    {
        Trace($"the coordinator stands still for {duration}");
        if (Coordinator is not { } stopped)
            return;
        stopped.Time.Stop(duration);
        foreach (var call in CallsOf(stopped))
            call.AwaitPings(() => stopped.Time.IsStopped);
    }

    /// <summary>The one that leads stands still, another one that has stood by takes its place; the first one wakes up later, and finds that out.</summary>
    public void Follow(TimeSpan duration)
    {
        if (Coordinator is not { Time.IsStopped: false } first)
            return;
        StopCoordinator(duration);
        Time.After(Between(5000, 8000), () =>
        {
            if (Coordinator != first || !first.Time.IsStopped)
                return;
            Start();
            // Its own sign of life is refused, at the latest then.
            Time.After(first.Time.StoppedUntil - Time.Now + Between(0, 1000), () => first.Run(() => End(first)));
        });
    }

    /// <summary>A coordinator's process ends.</summary>
    public void End(SimulatedCoordinator ended)
    {
        if (ended.Over.IsCancellationRequested)
            return;
        Trace($"the coordinator of term {ended.Term} ends");
        ended.End();
        Thread.Run();
        foreach (var call in CallsOf(ended))
            call.End();
        foreach (var run in Runs)
            run.BreakMeetings();
        Thread.Run();
        if (Coordinator != ended)
            return;
        Coordinator = null;
        Time.After(Between(500, 5000), Restart);
    }

    private void Restart()
    {
        if (Coordinator is null)
            Start();
    }

    private List<SimulatedCall> CallsOf(SimulatedCoordinator one) =>
        [.. Workers.SelectMany(host => host.Wires).Concat(Replicas.Select(replica => replica.Link).OfType<SimulatedCall>()).Where(call => call.Coordinator == one)];

    /// <summary>The store cannot be written for a while.</summary>
    public void LoseStore(TimeSpan duration)
    {
        var until = Time.Now + duration;
        faults.IsAway = () => Time.Now < until;
        faults.LosesAnswer = () =>
        {
            faults.LosesAnswer = () => false; // to one write, which is tried again
            return true;
        };
        Trace($"the store is away for {duration}");
    }

    /// <summary>The coordinator's process ends right before or right after its next write.</summary>
    public void CrashAtWrite(bool after)
    {
        bool Dies()
        {
            (faults.DiesBefore, faults.DiesAfter) = (() => false, () => false);
            Time.After(TimeSpan.Zero, () => Crash(Between(500, 15_000)));
            return true;
        }
        if (after)
            faults.DiesAfter = Dies;
        else
            faults.DiesBefore = Dies;
    }

    private void Start()
    {
        Coordinator = NewCoordinator();
        Trace($"a coordinator of term {Term} starts");
        foreach (var run in Runs)
            Thread.Run(run.TakeOverAsync(Coordinator));
    }

    private SimulatedCoordinator NewCoordinator()
    {
        long term = all.Count + 1;
        var seen = new StoreFaults
        {
            IsAway = () => faults.IsAway(),
            LosesAnswer = () => faults.LosesAnswer(),
            DiesBefore = () => faults.DiesBefore(),
            DiesAfter = () => faults.DiesAfter(),
            Committed = () => Check(term == Term, $"the coordinator of term {term} writes, though that of term {Term} leads"),
        };
        all.Add(new SimulatedCoordinator(options, store.Seen(seen), new StoppableTime(Time)));
        return all[^1];
    }

    /// <summary>Whether a generation is durable.</summary>
    public bool IsKept(string runId, Contracts.Replica.V1.Generation generation)
    {
        using var db = new CoordinatorDb(store.Options);
        return db.Generations.Any(row => row.RunId == runId && row.Number == generation.Generation_ && row.StartStep == generation.StartStep);
    }

    /// <summary>The records that are kept of a run, in their order.</summary>
    public IReadOnlyList<RecordRow> Records(string runId)
    {
        var reading = all[^1].Store.RecordsAsync(runId, 0, int.MaxValue, CancellationToken.None);
        Thread.Run(reading);
        return reading.Result;
    }

    /// <summary>The steps of the records that are kept of a run, in the order of the records.</summary>
    public IReadOnlyList<long> RecordedSteps(string runId)
    {
        return [.. Records(runId).Select(record => RecordReading.StepOf(Struct.Parser.ParseFrom(record.Record))).OfType<long>()];
    }

    /// <summary>What a run's records say besides its steps.</summary>
    public IReadOnlyList<string> Notices(string runId)
    {
        return [.. Records(runId).Select(record => RunRecords.Parse(Struct.Parser.ParseFrom(record.Record))).OfType<RunNotice>().Select(notice => notice.Text)];
    }

    /// <summary>Somebody set a coordinator's wall clock: what two of them measure together says nothing.</summary>
    public bool ClockWasSet { get; private set; }

    public void SetClock(TimeSpan by)
    {
        ClockWasSet = true;
        Coordinator?.Time.SetClock(by);
    }

    public IReadOnlyList<IncidentRow> Incidents(string runId)
    {
        var reading = Coordinator!.Store.IncidentsAsync(runId);
        Thread.Run(reading);
        return reading.Result;
    }

    public SimulatedRun RunOf(string runId) => Runs.Single(run => run.RunId == runId);

    public int Pick(int below) => random.Next(below);

    public TimeSpan Between(int least, int most) => TimeSpan.FromMilliseconds(random.Next(least, most + 1));

    public void Soon(Action happens) => Time.After(Between(0, 200), happens);

    /// <summary>Lets things happen until the condition holds.</summary>
    public void Until(Func<bool> condition, TimeSpan patience)
    {
        var end = Time.Now + patience;
        while (!condition())
        {
            Check(Time.Now <= end, $"it still does not hold after {patience}: {string.Join(", ", Runs.Select(run => $"{run.RunId} is {run.Journal.Row.Phase} at step {run.Journal.Row.Step} ({run.Journal.Row.Reason})"))}");
            Time.Next();
            Thread.Run();
            if (Broken is not null)
                throw new InvalidOperationException($"{name} fails", Broken);
        }
    }

    public void Trace(string what)
    {
        string line = $"{Time.Now.TotalSeconds,8:0.000} {what}";
        Tracer?.Invoke(line);
        trace.Enqueue(line);
        if (trace.Count > 60)
            trace.Dequeue();
    }

    /// <exception cref="LawBrokenException">It does not hold.</exception>
    public void Check(bool holds, [InterpolatedStringHandlerArgument("holds")] Otherwise otherwise)
    {
        if (holds)
            return;
        var broken = new LawBrokenException($"{name}: {otherwise}\n{string.Join('\n', trace)}");
        Broken ??= broken; // where somebody awaits what broke it, that is not heard
        throw broken;
    }

    public void Dispose()
    {
        foreach (var coordinator in all)
            coordinator.Dispose();
        store.Dispose();
        Thread.Dispose();
    }
}

/// <summary>What must always hold in a simulation does not.</summary>
internal sealed class LawBrokenException(string what) : Exception(what);
