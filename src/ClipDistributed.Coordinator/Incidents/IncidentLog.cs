using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.Coordinator.Incidents;

/// <summary>
/// The incidents of a run and what they cost, and how much of the run's time went into new steps. One incident is open at a time: until
/// an action is taken, everything else that is found belongs to it; then it stays open until the next new step, and what is found
/// before that is the next incident. So no time is counted as lost twice. Belongs to the run's loop. Durations are of the monotonic
/// clock; only what began before this coordinator is taken from the wall clock.
/// </summary>
internal sealed class IncidentLog
{
    private const int MaxClosed = 16;

    private readonly string runId;
    private readonly RunNews news;
    private readonly TimeProvider time;
    private readonly long began;
    private double wallBefore; // seconds up to the next field
    private TimeSpan? wallSince; // null: the run has not begun, or is paused
    private double pausedBefore; // seconds of pauses that are over
    private TimeSpan? pausedSince; // null: it is not paused
    private TimeSpan? idleSince; // time outside of steps is lost from then on
    private IncidentRow? open;
    private TimeSpan openSince;
    private readonly List<IncidentRow> closed = []; // the last ones: steps of their time may still be reported
    private double spare; // seconds in neither steps nor incidents
    private DateTime? counted; // when the last new step was recorded, an incident closed, or the run went on after a pause
    private long last; // the number of the last incident

    /// <param name="run">As it was stored last.</param>
    /// <param name="news">What is to be saved.</param>
    /// <param name="open">The one that was open when a former coordinator ended; null: none.</param>
    public IncidentLog(RunRow run, RunNews news, IncidentRow? open, TimeProvider time)
    {
        (runId, this.news, this.open, this.time) = (run.RunId, news, open, time);
        (UsefulSeconds, counted, last, Generation) = (run.UsefulSeconds, run.Counted, run.Incidents, run.Generation);
        began = time.GetTimestamp();
        (pausedBefore, wallBefore) = (run.PausedSeconds, run.WallSeconds);
        if (run is { Started: not null, PausedSince: { } paused })
            pausedSince = Ago(paused);
        else if (run.Started is { } first)
            (wallBefore, wallSince) = (Math.Max(wallBefore, -Ago(first).TotalSeconds - pausedBefore), TimeSpan.Zero);
        idleSince = wallSince is not null && (run.Counted ?? run.Started) is { } since ? Ago(since) : null;
        openSince = open is null ? TimeSpan.Zero : Ago(open.Since);
    }

    /// <summary>Seconds in new steps.</summary>
    public double UsefulSeconds { get; set; }

    /// <summary>The newest one.</summary>
    public long Generation { get; set; }

    /// <summary>Since the first generation was announced, less the time in which it was paused.</summary>
    public double WallSeconds => wallBefore + ((Now - wallSince)?.TotalSeconds ?? 0);

    public bool IsOpen => open is not null;

    /// <summary>No action was taken yet.</summary>
    public bool IsUndecided => open is { Action: "" };

    private TimeSpan Now => time.GetElapsedTime(began);

    private DateTime Utc => time.GetUtcNow().UtcDateTime;

    /// <summary>
    /// The first generation, or the first one after a pause, was announced: what was found before costs time from here on.
    /// </summary>
    public void Begin()
    {
        if (pausedSince is { } since)
            (pausedBefore, pausedSince, counted) = (pausedBefore + (Now - since).TotalSeconds, null, Utc);
        idleSince = wallSince = openSince = Now;
        if (open is null)
            return;
        open.Since = Utc;
        Change(open);
    }

    /// <summary>The run is paused: no time counts until it begins again.</summary>
    public void Pause()
    {
        End("the run was paused");
        if (wallSince is not null)
            (wallBefore, wallSince, pausedSince, idleSince) = (WallSeconds, null, Now, null);
    }

    /// <summary>An incident is found, or more about the open one.</summary>
    /// <param name="evidence">The evidence, human-readable; empty: it follows.</param>
    /// <param name="replicas">The replicas that it concerns.</param>
    /// <param name="begun">The last step that was begun before it.</param>
    /// <param name="action">The action, where it was taken at once; empty: <see cref="Decide"/> adds it.</param>
    public void Note(
        IncidentKind kind, string evidence, IReadOnlyList<(string ReplicaId, string Host)> replicas, long begun = 0, string action = "")
    {
        if (!IsUndecided)
            Open(kind);
        open!.Kind = kind < open.Kind ? kind : open.Kind;
        open.Evidence = Joined(open.Evidence, [evidence], "; ");
        open.Replicas = Joined(open.Replicas, replicas.Select(one => one.ReplicaId), "\n");
        open.Hosts = Joined(open.Hosts, replicas.Select(one => one.Host), "\n");
        open.BegunStep = Math.Max(open.BegunStep, begun);
        if (action != "")
            open.Action = action;
        Change(open);
    }

    /// <summary>The open incident concerns that replica.</summary>
    public bool Names(string replicaId) => open?.Replicas.Split('\n').Contains(replicaId) == true;

    /// <summary>An action is taken.</summary>
    /// <param name="action">As in <c>generation 3 with 3 replicas after step 12</c>.</param>
    /// <param name="after">The step that the run goes on after.</param>
    public void Decide(string action, long after)
    {
        (open!.Action, open.AfterStep, open.StepsRecomputed) = (action, after, Math.Max(0, open.BegunStep - after));
        Change(open);
    }

    /// <summary>A new step was recorded.</summary>
    /// <param name="seconds">It took.</param>
    public void Count(double seconds)
    {
        UsefulSeconds += seconds;
        if (open is null)
            Spend(seconds - (Now - idleSince ?? TimeSpan.Zero).TotalSeconds);
        (counted, idleSince) = (Utc, Now);
    }

    /// <summary>Rows have entered the weights twice.</summary>
    public void Repeat(long samples)
    {
        if (open is null)
            Note(IncidentKind.ReplicaFaulty, "a step was recomputed on weights that already hold it", [], action: "none");
        open!.SamplesRepeated += samples;
        Change(open);
    }

    /// <summary>Closes what the run has recovered from.</summary>
    /// <param name="applied">The furthest step that is known to be applied.</param>
    /// <param name="recorded">The last one that the generation has recorded.</param>
    public void Follow(long applied, long recorded)
    {
        if (open is null or { Action: "" })
            return;
        if (open.AfterStep is null)
        {
            open.AfterStep = applied;
            Change(open);
        }
        else if (recorded > open.AfterStep)
        {
            Close();
        }
    }

    /// <summary>The run has ended, or is paused.</summary>
    public void End(string action)
    {
        if (open is null)
            return;
        if (IsUndecided)
            open.Action = action;
        Close();
    }

    /// <summary>Writes its part of the run's row.</summary>
    public void WriteTo(RunRow row) =>
        (row.UsefulSeconds, row.WallSeconds, row.PausedSeconds, row.Counted, row.Incidents) =
            (UsefulSeconds, WallSeconds, pausedBefore, counted, last);

    private void Open(IncidentKind kind)
    {
        if (open is not null)
            Close();
        openSince = idleSince ?? Now;
        open = new IncidentRow
        {
            RunId = runId,
            Number = ++last,
            Opened = Utc,
            Kind = kind,
            Generation = Generation,
            Since = Utc - (Now - openSince),
            UsefulSeconds = UsefulSeconds,
        };
        news.Opened.Add(open);
    }

    private void Close()
    {
        double lost = wallSince is null ? 0 : (Now - openSince).TotalSeconds - (UsefulSeconds - open!.UsefulSeconds);
        Spend(Math.Max(0, -lost));
        (open!.Closed, open.SecondsLost) = (Utc, Math.Max(0, lost));
        Change(open);
        closed.Add(open);
        if (closed.Count > MaxClosed)
            closed.RemoveAt(0);
        (open, idleSince) = (null, Now);
        counted = wallSince is null ? counted : Utc; // the next coordinator counts no second of it again
    }

    /// <summary>
    /// Steps that were computed while this coordinator received nothing are reported all at once, some after the end of the incident
    /// of their time: what exceeds the time since then was not lost.
    /// </summary>
    /// <param name="seconds">By which steps took longer than the time that has passed; below 0: the time was longer.</param>
    private void Spend(double seconds)
    {
        spare -= seconds;
        while (spare < 0 && closed.Count > 0)
        {
            var last = closed[^1];
            double found = Math.Min(-spare, last.SecondsLost!.Value);
            (last.SecondsLost, spare) = (last.SecondsLost - found, spare + found);
            if (last.SecondsLost == 0)
                closed.RemoveAt(closed.Count - 1);
            Change(last);
        }
        spare = Math.Max(0, spare);
    }

    private void Change(IncidentRow incident)
    {
        if (!news.Opened.Contains(incident))
            news.Changed.Add(incident);
    }

    /// <summary>A moment of the wall clock before this began; one that lies ahead is a clock that was set back.</summary>
    private TimeSpan Ago(DateTime moment) => moment < Utc ? moment - Utc : TimeSpan.Zero;

    private static string Joined(string text, IEnumerable<string> more, string between) =>
        string.Join(between, text.Split(between).Concat(more).Where(part => part != "").Distinct());
}
