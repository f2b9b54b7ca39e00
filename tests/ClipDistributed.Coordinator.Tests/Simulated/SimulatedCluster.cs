using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Streams;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>The loops of a coordinator among hosts and replicas of which nothing is real but the protocol: all that happens follows from a seed.</summary>
internal sealed class SimulatedCluster : IDisposable
{
    private static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);

    private readonly CoordinatorOptions options;
    private readonly Random random;
    private readonly string name;
    private readonly Queue<string> trace = [];
    private readonly StoreFaults faults = new();

    public SimulatedCluster(CoordinatorOptions options, int seed)
    {
        (this.options, random, name) = (options, new Random(seed), $"seed-{seed}");
        Workers = [.. "abc".Select(letter => new SimulatedHost(this, $"{letter}"))];
        Coordinator = new SimulatedCoordinator(options, faults, new StoppableTime(Time));
    }

    /// <summary>Null: none runs.</summary>
    public SimulatedCoordinator? Coordinator { get; private set; }

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

    /// <summary>Hands over what is new in an outbox. A message that is never written ends the reading without a wait.</summary>
    public static void Read<T>(Outbox<T> outbox, Action<T> take)
        where T : class, new()
    {
        var last = new T();
        if (!outbox.Send(last))
            return;
        var reading = outbox.WriteAsync((message, _) => Take(message), CancellationToken.None);
        if (reading.IsCompleted)
            reading.GetAwaiter().GetResult(); // what was told broke a law

        Task Take(T message)
        {
            if (ReferenceEquals(message, last))
                return new TaskCompletionSource().Task;
            take(message);
            return Task.CompletedTask;
        }
    }

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
        crashed.Crash();
        Thread.Run();
        foreach (var host in Workers.Where(host => !host.IsAway))
            host.Leave();
        foreach (var replica in Replicas)
            replica.Cut();
        foreach (var run in Runs)
            run.BreakMeetings();
        Thread.Run();
        crashed.Dispose();
        Time.After(away, Restart);
    }

    /// <summary>The coordinator's process stands still for a while.</summary>
    public void StopCoordinator(TimeSpan duration)
    {
        Trace($"the coordinator stands still for {duration}");
        Coordinator?.Time.Stop(duration);
    }

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

    /// <summary>Lets something reach the coordinator, where one runs; while it stands still, later.</summary>
    public void ToCoordinator(Action happens)
    {
        if (Coordinator is { } running)
            running.Time.Run(happens);
    }

    private void Restart()
    {
        Coordinator = new SimulatedCoordinator(options, faults, new StoppableTime(Time));
        Trace($"a coordinator of term {Coordinator.Term} starts");
        foreach (var run in Runs)
            Thread.Run(run.TakeOverAsync(Coordinator));
        foreach (var host in Workers.Where(host => host.IsAway))
            Time.After(Between(0, 4000), () => { if (host.IsAway) host.Connect(); });
    }

    /// <summary>The steps of the records that are kept of a run, in the order of the records.</summary>
    public IReadOnlyList<long> RecordedSteps(string runId)
    {
        var reading = Coordinator!.Store.RecordsAsync(runId, 0, int.MaxValue, CancellationToken.None);
        Thread.Run(reading);
        return [.. reading.Result.Select(record => RecordReading.StepOf(Struct.Parser.ParseFrom(record.Record))).OfType<long>()];
    }

    /// <summary>What a run's records say besides its steps.</summary>
    public IReadOnlyList<string> Notices(string runId)
    {
        var reading = Coordinator!.Store.RecordsAsync(runId, 0, int.MaxValue, CancellationToken.None);
        Thread.Run(reading);
        return [.. reading.Result.Select(record => RunRecords.Parse(Struct.Parser.ParseFrom(record.Record))).OfType<RunNotice>().Select(notice => notice.Text)];
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

    /// <summary>When a message arrives that is sent now; never before the one that was sent before it.</summary>
    public TimeSpan Later(TimeSpan last)
    {
        var arrives = Time.Now + Between(0, 200);
        return arrives > last ? arrives : last;
    }

    public void Soon(Action happens) => Time.After(Between(0, 200), happens);

    /// <summary>Lets things happen until the condition holds.</summary>
    public void Until(Func<bool> condition, TimeSpan patience)
    {
        var end = Time.Now + patience;
        while (!condition())
        {
            Check(Time.Now <= end, $"it still does not hold after {patience}: {string.Join(", ", Runs.Select(run => $"{run.RunId} is {run.Journal.Row.Phase} at step {run.Journal.Row.Step} ({run.Journal.Row.Reason})"))}");
            Time.Next();
            Settle();
            if (Runs.FirstOrDefault(run => run.Ending.IsFaulted) is { } broken)
                throw broken.Ending.Exception!.InnerException!;
        }
    }

    public void Settle()
    {
        Thread.Run();
        foreach (var host in Workers)
            host.Read();
        foreach (var replica in Replicas)
            replica.Read();
    }

    public void Trace(string what)
    {
        trace.Enqueue($"{Time.Now.TotalSeconds,8:0.000} {what}");
        if (trace.Count > 60)
            trace.Dequeue();
    }

    public void Check(bool holds, string otherwise)
    {
        if (!holds)
            Assert.Fail($"{name}: {otherwise}\n{string.Join('\n', trace)}");
    }

    public void Dispose()
    {
        Coordinator?.Dispose();
        Thread.Dispose();
    }
}
