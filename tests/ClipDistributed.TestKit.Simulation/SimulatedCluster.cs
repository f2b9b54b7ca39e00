using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Streams;
using ClipDistributed.TestKit.Simulation.Stores;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>The loops of a coordinator among hosts and replicas of which nothing is real but the protocol: all that happens follows from a
/// seed.</summary>
internal sealed class SimulatedCluster : IDisposable
{
    private readonly CoordinatorOptions options;
    private readonly Random random;
    private readonly string name;
    private int submitted;

    /// <param name="store">Null: one without a database.</param>
    public SimulatedCluster(CoordinatorOptions options, int seed, int hosts = 3, int processors = 2, ISimulatedStore? store = null)
    {
        (this.options, random, name) = (options, new Random(seed), $"seed-{seed}");
        Workers =
        [
            .. Enumerable
                .Range(0, hosts)
                .Select(host => new SimulatedHost(this, hosts <= 26 ? $"{(char)('a' + host)}" : $"h{host:0000}", processors)),
        ];
        Coordinators = new SimulatedCoordinators(this, options, store ?? new MemoryStore());
    }

    /// <summary>One after the other.</summary>
    public SimulatedCoordinators Coordinators { get; }

    /// <inheritdoc cref="SimulatedCoordinators.Leading"/>
    public SimulatedCoordinator? Coordinator => Coordinators.Leading;

    /// <summary>What failed first; null: nothing did.</summary>
    public Exception? Broken { get; set; }

    /// <summary>Receives what happens; null: none, and no line is formatted.</summary>
    public Action<string>? Tracer { get; set; }

    public TimeSpan PreemptAgainAfter => options.PreemptAgainAfter;

    /// <summary>Of the runs' samples.</summary>
    public StreamOrder Order { get; init; } = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);

    /// <summary>Some replicas are slower than others, so that shares change. A change that not all members have heard of when the
    /// coordinator is gone costs a generation.</summary>
    public bool HasStragglers { get; init; } = true;

    /// <summary>Replicas that end before they are ready.</summary>
    public Func<SimulatedReplica, bool> DiesLoading { get; set; } = _ => false;

    /// <summary>The members of generations that do not find each other.</summary>
    public Func<SimulatedGroup, bool> FindsNoMember { get; set; } = _ => false;

    /// <summary>What becomes of a process that decodes rows.</summary>
    public Func<DecodeTrial, (int Code, int Begun)> Try { get; set; } = trial => (0, trial.Rows.Count);

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
        HostTimeout = TimeSpan.FromDays(1),
        LoadTimeout = TimeSpan.FromSeconds(30),
        RendezvousTimeout = TimeSpan.FromSeconds(30),
        AssignmentHorizon = 16,
        PreemptAfter = TimeSpan.FromSeconds(1),
        PreemptAgainAfter = TimeSpan.FromSeconds(30),
    };

    /// <returns>False: the coordinator cannot take it just now.</returns>
    public bool Submit(int min, int max, long steps, int waitMinutes = 30, int priority = 50, bool isPreemptible = false)
    {
        string runId = $"{name}-{++submitted}";
        var row = new RunRow
        {
            RunId = runId,
            JobId = name,
            Name = name,
            Number = submitted,
            RunDirectory = options.StateDirectory,
            Steps = steps,
            Submitted = Time.GetUtcNow().UtcDateTime,
        };
        var job = new JobRow { JobId = name, Name = name, RunDirectory = "/none", Submitted = row.Submitted, Spec = [] };
        var adding = Coordinator!.Store.AddAsync(job, row);
        Thread.Run(adding);
        if (!adding.IsCompletedSuccessfully)
            return false;
        var need = new RunNeed(runId, min, max, priority, IsPreemptible: isPreemptible);
        var settings = new RunSettings(need, Order, ShareUnit: 1, TimeSpan.FromMinutes(waitMinutes), RebalanceAbove: 0.15);
        var run = new SimulatedRun(this, row, settings);
        Runs.Add(run);
        run.Lead(Coordinator, row, RunHistory.None, records: 0);
        return true;
    }

    /// <summary>Whether a generation is durable.</summary>
    public bool IsKept(string runId, Contracts.Replica.V1.StartGeneration generation) => Coordinators.Store.IsKept(runId, generation);

    /// <summary>The records that are kept of a run, in their order.</summary>
    public IReadOnlyList<RecordRow> Records(string runId)
    {
        var reading = Coordinators.Last.Store.RecordsAsync(runId, 0, int.MaxValue, CancellationToken.None);
        Thread.Run(reading);
        return reading.Result;
    }

    /// <summary>The steps of the records that are kept of a run, in the order of the records.</summary>
    public IReadOnlyList<long> RecordedSteps(string runId)
    {
        return [.. Records(runId).Select(record => StoredRecord.Parse(record.Record).Step?.Step).OfType<long>()];
    }

    /// <summary>What a run's records say besides its steps.</summary>
    public IReadOnlyList<string> Notices(string runId)
    {
        return
        [
            .. Records(runId).Select(record => StoredRecord.Parse(record.Record).Notice?.Text).OfType<string>(),
        ];
    }

    public IReadOnlyList<IncidentRow> Incidents(string runId)
    {
        var reading = Coordinator!.Store.IncidentsAsync(runId);
        Thread.Run(reading);
        return reading.Result;
    }

    public SimulatedRun RunOf(string runId) => Runs.Single(run => run.RunId == runId);

    public int Pick(int below) => random.Next(below);

    public TimeSpan Between(int min, int max) => TimeSpan.FromMilliseconds(random.Next(min, max + 1));

    public void Soon(Action happens) => Time.After(Between(0, 200), happens);

    /// <summary>Lets things happen until the condition holds.</summary>
    public void Until(Func<bool> condition, TimeSpan patience)
    {
        var end = Time.Now + patience;
        while (!condition())
        {
            Check(
                Time.Now <= end,
                $"it still does not hold after {patience}: {string.Join(", ", Runs.Select(run => run.Describe()))}"
            );
            Time.Next();
            Thread.Run();
            if (Broken is not null)
                throw new InvalidOperationException($"{name} fails", Broken);
        }
    }

    public void Trace([InterpolatedStringHandlerArgument("")] TraceLine what) => Tracer?.Invoke($"{Time.Now.TotalSeconds,8:0.000} {what}");

    /// <exception cref="LawBrokenException">It does not hold.</exception>
    public void Check(bool holds, [InterpolatedStringHandlerArgument("holds")] Otherwise otherwise)
    {
        if (holds)
            return;
        var broken = new LawBrokenException($"{name}: {otherwise}");
        Broken ??= broken; // where the exception is caught by code under test
        throw broken;
    }

    public void Dispose()
    {
        Coordinators.Dispose();
        Thread.Dispose();
    }
}

/// <summary>What must always hold in a simulation does not.</summary>
internal sealed class LawBrokenException(string what) : Exception(what);
