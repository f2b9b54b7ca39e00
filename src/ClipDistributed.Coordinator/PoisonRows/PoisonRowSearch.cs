using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.PoisonRows;

/// <summary>
/// Where the same step crashes replicas again, its rows are decoded in a process of its own, and a row that crashes that counts as
/// damaged: a poison row. Belongs to the run's loop.
/// </summary>
/// <param name="rows">That are known to crash the decoder.</param>
internal sealed class PoisonRowSearch(string runId, StreamOrder order, HashSet<SampleId> rows)
{
    // More rows than that are not bad luck with the data.
    private const int MaxRows = 10;

    // Searches that found nothing: by then it is something else than the rows.
    private const int MaxFruitless = 3;

    private readonly CrashSuspicion suspicion = new();
    private readonly HashSet<string> triedHosts = new(StringComparer.Ordinal); // of the next trial
    private RowSearch? search;
    private bool isOver; // the search
    private int trials, fruitless;

    /// <summary>That all members of a generation are to leave out.</summary>
    public IReadOnlySet<SampleId> Rows => rows;

    /// <summary>A search goes on: no generation is formed.</summary>
    public bool IsActive => search is not null;

    /// <summary>Null: no process runs.</summary>
    public RowTrial? Trial { get; private set; }

    /// <summary>Why the run cannot go on; null: it can.</summary>
    public string? Failure { get; set; }

    /// <summary>What was seen of the replicas that crashed.</summary>
    public string Evidence => suspicion.Evidence;

    /// <summary>Poison rows that were found last, human-readable.</summary>
    public string LastFound { get; private set; } = "";

    /// <summary>Of the search.</summary>
    public long Step => search!.Step;

    /// <summary>What is to be decoded next.</summary>
    public IReadOnlyList<SampleId> Untried => search!.Rows;

    /// <summary>Of the next trial; the same until one has run.</summary>
    public string NextId => $"{runId}-t{trials + 1}";

    /// <summary>What has come out; null: the search goes on.</summary>
    public (IReadOnlyList<SampleId> Found, string Failure)? Finding => isOver ? (search!.Found, search.Failure) : null;

    /// <summary>A search begins where the generation is the second one that crashed at its step.</summary>
    /// <param name="lastStep">Of the run.</param>
    /// <param name="maySearch">False: the run is to stop.</param>
    public void OnGenerationOver(Generation over, long lastStep, bool maySearch)
    {
        long first = over.Applied + 1;
        if (!suspicion.Note(over) || !maySearch || first > lastStep)
            return;
        search = new RowSearch(order, first, Math.Min(first + CrashSuspicion.Ahead - 1, lastStep), rows);
        (isOver, Trial) = (false, null);
        triedHosts.Clear();
    }

    /// <summary>The next host to try the rows on; null: none is left.</summary>
    /// <param name="hosts">Where the run's replicas run, or did: there the data can be read.</param>
    public string? NextHost(IEnumerable<string> hosts) => hosts.FirstOrDefault(host => !triedHosts.Contains(host));

    public void OnTrialStarted(RowTrial trial)
    {
        Trial = trial;
        triedHosts.Add(trial.Host);
    }

    /// <summary>The host of the trial is not connected; another one may be.</summary>
    public void OnTrialNotStarted() => Trial = null;

    public void OnTrialExited(ProcessExit exit)
    {
        Trial = null;
        trials++;
        triedHosts.Clear();
        isOver = !search!.OnExit(exit) || rows.Count + search.Found.Count > MaxRows;
    }

    /// <summary>The run ends or stops, or no host is there to try rows on: the next crash is looked at again.</summary>
    public void Abandon() => (search, Trial, isOver, trials) = (null, null, false, trials + 1);

    /// <summary>Takes over what was found.</summary>
    /// <param name="summary">Of what was found, for the run's end.</param>
    /// <param name="nextStep">Of the run.</param>
    public void Conclude(IReadOnlyList<SampleId> found, string summary, long nextStep)
    {
        (search, LastFound) = (null, summary);
        rows.UnionWith(found);
        if (found.Count == 0 && ++fruitless == MaxFruitless)
            Failure = $"replicas crash near step {nextStep} again and again, and {summary}; the last: {Evidence}";
        else if (rows.Count > MaxRows && found.Count > 0)
            Failure = $"more than {MaxRows} rows crash the decoder, the last: {summary}; repair the data, or look at the decoder";
    }
}
