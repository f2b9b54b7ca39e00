using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.PoisonRows;

/// <summary>
/// Where crashes of replicas repeat near a step, its rows are decoded in a separate process, and a row that crashes it counts as damaged:
/// a poison row. Belongs to the run's loop.
/// </summary>
/// <param name="rows">That are known to crash the decoder.</param>
internal sealed class PoisonRowSearch(string runId, StreamOrder order, HashSet<SampleId> rows)
{
    // With more of them the decoder is broken, not the data.
    private const int MaxRows = 10;

    // After so many searches that found nothing the rows are not the cause.
    private const int MaxEmptySearches = 3;

    private readonly CrashSuspicion suspicion = new();
    private readonly HashSet<string> triedHosts = new(StringComparer.Ordinal); // of the next trial
    private RowSearch? search;
    private bool isOver; // the search
    private int trials, emptySearches;

    /// <summary>The poison rows that all members of a generation leave out.</summary>
    public IReadOnlySet<SampleId> Rows => rows;

    /// <summary>A search goes on: no generation is formed.</summary>
    public bool IsActive => search is not null;

    /// <summary>Null: no process runs.</summary>
    public RowTrial? Trial { get; private set; }

    /// <summary>Why the run cannot go on; null: it can.</summary>
    public string? Failure { get; set; }

    /// <summary>Evidence of the replicas that crashed.</summary>
    public string Evidence => suspicion.Evidence;

    /// <summary>Poison rows that were found last, human-readable.</summary>
    public string LastFound { get; private set; } = "";

    /// <summary>The step whose rows are tried.</summary>
    public long Step => search!.Step;

    /// <summary>The rows to decode next.</summary>
    public IReadOnlyList<SampleId> Untried => search!.Rows;

    /// <summary>Id of the next trial; the same until one has run.</summary>
    public string NextId => $"{runId}-t{trials + 1}";

    /// <summary>The result; null: the search goes on.</summary>
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

    /// <summary>The next host to decode the rows on; null: none is left.</summary>
    /// <param name="hosts">The hosts of the run's replicas: they can read the data.</param>
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

    /// <summary>The run ends or stops, or no host is left: the next crash is examined again.</summary>
    public void Abandon() => (search, Trial, isOver, trials) = (null, null, false, trials + 1);

    /// <summary>Takes over what was found.</summary>
    /// <param name="summary">Of what was found, human-readable.</param>
    /// <param name="nextStep">Of the run.</param>
    public void Conclude(IReadOnlyList<SampleId> found, string summary, long nextStep)
    {
        (search, LastFound) = (null, summary);
        rows.UnionWith(found);
        if (found.Count == 0 && ++emptySearches == MaxEmptySearches)
            Failure = $"replicas crash near step {nextStep} repeatedly, and {summary}; the last: {Evidence}";
        else if (rows.Count > MaxRows && found.Count > 0)
            Failure = $"more than {MaxRows} rows crash the decoder, the last: {summary}; repair the data, or look at the decoder";
    }
}
